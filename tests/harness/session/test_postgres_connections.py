"""Connections to PostgreSQL that a run surely uses."""

import pytest

from harness.contenders.contender import contender_of
from harness.session.postgres_connections import lacking, used_by
from tests.harness.session.doubles import plan_of


def used(*cells: tuple[str, int | None, str]) -> dict[str, int]:
    """Of contenders with slots and loads."""
    plans = [
        plan_of(str(index), contender=contender, slots=slots, load=load, workload="sql_query")
        for index, (contender, slots, load) in enumerate(cells)
    ]
    return used_by((plan, contender_of(plan.contender, plan.tuning)) for plan in plans)


@pytest.mark.parametrize(
    ("contender", "slots", "load", "connections"),
    [
        ("asyncio", 16, "closed:32", 16),
        ("asyncio", 16, "closed:8", 8),
        ("asyncio", None, "closed:32", 32),
        ("asyncio", 128, "drain:500", 64),  # what one process has at the most
        ("celery-prefork", 128, "drain:500", 128),  # one for each child
        ("celery-prefork", 8, "closed:4", 8),  # which keeps it
        ("celery-threads", 16, "burst:4", 4),
        ("asyncio", 64, "open:20/s", 1),  # how many at once, the rate does not say
    ],
)
def test_each_slot_that_is_surely_busy_has_one(contender: str, slots: int | None, load: str, connections: int) -> None:
    """Up to the limit of a process."""
    assert list(used((contender, slots, load)).values()) == [connections]


def test_workers_keep_theirs_and_drivers_come_one_after_the_other() -> None:
    """Of asyncio the largest counts; workers that are shared count once."""
    cells = [("asyncio", 8, "closed:32"), ("asyncio", 16, "closed:32"), ("celery-threads", 16, "closed:32")]
    assert used(*cells, ("celery-threads", 16, "closed:4")) == {"asyncio:16": 16, "celery-threads:16": 16}


def test_too_few_are_said_with_who_uses_them() -> None:
    """As many as needed are enough; a server that does not say is not in the way."""
    needed = {"asyncio:16": 16, "celery-threads:8": 8}
    assert lacking(needed, 24) is lacking(needed, None) is None
    said = lacking(needed, 23) or ""
    assert "24 connections to PostgreSQL at once (16 by asyncio:16, 8 by celery-threads:8), and 23 are left" in said
