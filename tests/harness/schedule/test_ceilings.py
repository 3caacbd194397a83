"""Rates at which no queue is stable, known before a request is sent."""

from typing import Any

import msgspec
import pytest

from harness.schedule.ceilings import Ceiling, ceiling_of
from tests.builders import cell_of
from tests.harness.session.doubles import plan_of

FOREIGN = {"latency_ms": "not sent: another service"}


@pytest.mark.parametrize(
    ("workload", "params", "contender", "drivers", "ceiling"),
    [
        ("http_date", {"connections": 20, "latency_ms": 500.0}, "asyncio", 1, Ceiling(40, "20 connections ÷ 0.5 s")),
        ("http_date", {"connections": 20, "latency_ms": 500.0}, "asyncio", 2, Ceiling(80, "40 connections ÷ 0.5 s")),
        ("http_date", {"connections": 20, "latency_ms": 500.0}, "celery-threads", 1, None),
        ("http_date", {}, "asyncio", 1, None),
        ("blocking_call", {"how": "inline", "seconds": 0.05}, "asyncio", 1, Ceiling(20, "1 event loop ÷ 0.05 s")),
        ("rate_limited", {"allowed_per_s": 20.0}, "celery-threads", 1, Ceiling(20, "what the service allows")),
    ],
)
def test_the_work_itself_may_bound_the_rate(
    workload: str, params: dict[str, Any], contender: str, drivers: int, ceiling: Ceiling | None
) -> None:
    """As slots do: at a utilisation of 1 no queue is stable."""
    plan = msgspec.structs.replace(
        plan_of(workload=workload, contender=contender, params=params), slots=None, drivers=drivers
    )
    assert ceiling_of(plan, cell_of(slots=None, ceiling_per_s=None)) == ceiling


def test_the_lowest_of_all_is_told() -> None:
    """16 slots of 0.5 s are fewer than 20 connections; nothing is known of a service that takes no latency."""
    plan = plan_of(workload="http_date", contender="asyncio", params={"connections": 20, "latency_ms": 500.0})
    cell = cell_of(slots=16, ideal_s=0.5, ceiling_per_s=32.0)
    assert ceiling_of(plan, cell) == Ceiling(32.0, "16 slots ÷ 0.5 s")
    assert ceiling_of(plan, cell_of(ideal_s=None, ceiling_per_s=None, not_in_effect=FOREIGN)) is None
