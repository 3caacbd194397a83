"""Which cells several queues of one contender are for."""

from typing import Any

import pytest

from harness.contenders.contender import contender_of
from harness.session.several_queues import cannot_queue
from tests.harness.session.doubles import plan_of

THREE = {"jobs": "90%:20ms,9%:500ms,1%:10s"}


@pytest.mark.parametrize(
    ("setting", "params", "reason"),
    [
        ("2-queues", {}, None),
        ("2-queues", THREE, None),
        ("3-queues", THREE, None),
        ("3-queues", {}, "3 queues: jobs of mix are of 2 kinds here"),
        ("2-queues", {"jobs": "100%:20ms"}, "2 queues: jobs of mix are of 1 kind here"),
        ("2-workers", {"jobs": "100%:20ms"}, None),
    ],
)
def test_no_queue_stays_empty(setting: str, params: dict[str, Any], reason: str | None) -> None:
    """Its worker would hold slots that nothing uses."""
    plan = plan_of(workload="mix", params=params, load="open:9/s")
    assert cannot_queue(plan, contender_of("celery-prefork", [setting])) == reason


def test_a_backlog_waits_for_one_queue() -> None:
    """Workers of several could not all begin at once."""
    plan = plan_of(workload="mix", params={}, load="drain:50")
    assert cannot_queue(plan, contender_of("celery-prefork", ["2-queues"])) == (
        "workers of several queues cannot be paused together"
    )
    assert cannot_queue(plan, contender_of("celery-prefork", ["2-workers"])) is None
