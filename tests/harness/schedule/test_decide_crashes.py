"""The phase in which processes are killed: once each at the rate, never at the expense of a verdict or of calls."""

import asyncio
from typing import Any

import pytest

from harness.errors import ServiceError
from harness.loads.crash import Crash
from harness.loads.load import parse_load
from harness.plan.decide_crashes import calls_of, crash_views
from harness.plan.plan import CellPlan, ViewPlan
from harness.results.decision import CRASH
from harness.schedule.decide_crashes import measure_crashes

ASKED = ViewPlan(name="asked", workloads=["sleep"], contenders=[], loads=["closed:1"])
PREFORK = ["asyncio", "celery-prefork:16"]


class Session:
    """Extends by what it is asked, and measures with the time that is left."""

    def __init__(self, left_s: float = 100.0, calls_left: int | None = None, fails: bool = False) -> None:
        self.left_s = left_s
        self.calls_left = calls_left
        self.views: list[ViewPlan] = []
        self.measured: list[str] = []
        self._fails = fails

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """One cell a load."""
        if self._fails:
            raise ServiceError("no workers")
        self.views += views
        return [
            CellPlan(
                id=f"{view.contenders[0]} {load.partition('@')[0]}",
                views=[view.name],
                workload="sleep",
                params={},
                contender="fake",
                slots=1,
                load=load,
            )
            for view in views
            for load in view.loads
        ]

    async def trial(self, plan: CellPlan, round_number: int, parts: int = 30) -> None:
        """Note it."""
        self.measured.append(plan.id)


def phase(session: Any, sides: list[str], rate_per_s: float = 50.0) -> str | None:
    """What it leaves out."""
    return asyncio.run(measure_crashes(session, session, ASKED, sides, rate_per_s, reserve_s=60.0))


def test_each_process_of_each_side_is_killed_once() -> None:
    """A pool without children has none that could be killed alone."""
    session = Session()
    assert phase(session, PREFORK) is None
    killed = ["asyncio crash:kill-app", "celery-prefork:16 crash:kill-worker", "celery-prefork:16 crash:kill-child"]
    assert session.measured == killed
    assert {view.name for view in session.views} == {CRASH}
    other = Session()
    phase(other, ["celery-threads:32"])
    assert other.measured == ["celery-threads:32 crash:kill-worker"]


@pytest.mark.parametrize(
    ("session", "why"),
    [
        (Session(left_s=80.0), "crashes: no time for them"),
        (Session(calls_left=800), "crashes: not enough calls for them (--at-most)"),
        (Session(fails=True), "crashes: no workers"),
    ],
)
def test_what_is_left_out_is_said(session: Session, why: str) -> None:
    """And nothing is killed."""
    assert phase(session, PREFORK) == why
    assert session.measured == []


@pytest.mark.parametrize(("rate_per_s", "at"), [(0.5, 4), (50.0, 50), (5000.0, 200)])
def test_a_second_of_requests_comes_before_the_fault(rate_per_s: float, at: int) -> None:
    """At the rate, neither very few nor very many; as many come after it, and some are repeated."""
    (view,) = crash_views(ASKED, {"asyncio": ["kill-app"]}, rate_per_s)
    load = parse_load(view.loads[0], "")
    assert isinstance(load, Crash)
    assert (load.at, load.requests, load.describe().rate_per_s) == (at, 2 * at, rate_per_s)
    assert calls_of(rate_per_s, 1) == 3 * at
