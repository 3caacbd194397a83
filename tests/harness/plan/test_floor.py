"""The floor: cells that every run adds for each contender, and what comes of them."""

import msgspec
import pytest

from harness.loads.closed import Closed
from harness.loads.drain import Drain
from harness.plan.floor import VIEW, floor_of, is_floor, with_floor
from harness.plan.plan import CellPlan, Plan, ViewPlan, cells
from harness.results.model import Cell
from tests.builders import cell_of, latency_of, trial_of


def planned(
    contenders: list[str], *, rounds: int = 3, workload: str = "sleep", load: str = "closed:8"
) -> list[CellPlan]:
    """The cells of a plan with its floor."""
    view = ViewPlan(name="own", workloads=[workload], contenders=contenders, loads=[load])
    plan = Plan(rounds=rounds, view=[view])
    return with_floor(plan, cells(plan, "the test"))


def floors(found: list[CellPlan]) -> list[str]:
    """Ids of the cells that were added."""
    return [cell.id for cell in found if cell.views == [VIEW]]


def test_each_contender_gets_a_no_op_alone_and_a_backlog() -> None:
    """Six requests a slot, at least twelve; each contender once, however many cells it has."""
    assert floors(planned(["fake:1", "fake:8", "fake:8"])) == [
        "noop/fake:1/closed:1",
        "sleep[seconds=0.1]/fake:1/drain:12",
        "noop/fake:8/closed:1",
        "sleep[seconds=0.1]/fake:8/drain:48",
    ]


def test_without_slots_there_is_no_slot_overhead_to_measure() -> None:
    """Asyncio unbounded has a no-op alone, and nothing else."""
    assert floors(planned(["asyncio"])) == ["noop/asyncio/closed:1"]


@pytest.mark.parametrize(("rounds", "expected"), [(1, 1), (4, 1), (5, 5), (9, 9)])
def test_the_floor_is_measured_once_in_a_short_run_and_always_in_a_long_one(rounds: int, expected: int) -> None:
    """A run that gives verdicts gives the floor the same rounds."""
    found = planned(["fake:2"], rounds=rounds)
    assert {cell.rounds for cell in found if cell.views == [VIEW]} == {expected}


def test_a_cell_of_the_plan_stays_the_plans() -> None:
    """It is measured once, with the plan's own times, and its figure is the floor."""
    found = planned(["fake:2"], workload="noop", load="closed:1")
    own = next(cell for cell in found if cell.id == "noop/fake:2/closed:1")
    assert (own.views, own.rounds, own.duration_s) == (["own", VIEW], 3, 5.0)


def measured(workload: str, load: str, middles_ms: list[float], views: list[str] | None = None) -> Cell:
    """A cell of celery-threads:16 with trials of those median latencies."""
    parsed = Drain(96) if load.startswith("drain") else Closed(1)
    trials = [
        trial_of(n, latency_ms=latency_of(ms), slot_overhead_ms=ms if load.startswith("drain") else None)
        for n, ms in enumerate(middles_ms, start=1)
    ]
    return cell_of(
        "celery-threads", side="celery", trials=trials, load=parsed.describe(), workload=workload, views=views or [VIEW]
    )


def test_the_floor_is_the_mean_of_the_trials_medians() -> None:
    """A few late requests are not the floor; other contenders' trials are not this one's."""
    alone, backlog = measured("noop", "closed:1", [3.0, 5.0]), measured("sleep", "drain:96", [2.0, 3.0])
    floor = floor_of([alone, backlog], "celery-threads", 16)
    assert (floor.latency_ms, floor.slot_overhead_ms) == (4.0, 2.5)
    other = floor_of([alone, backlog], "celery-threads", 8)
    assert (other.latency_ms, other.slot_overhead_ms) == (None, None)


def test_trials_that_failed_are_no_floor() -> None:
    """Nor is a backlog of the plan's own, which may be of any work."""
    alone = measured("noop", "closed:1", [3.0])
    alone = msgspec.structs.replace(alone, trials=[msgspec.structs.replace(alone.trials[0], status="failed")])
    own = measured("sleep", "drain:96", [9.0], views=["own"])
    floor = floor_of([alone, own], "celery-threads", 16)
    assert (floor.latency_ms, floor.slot_overhead_ms) == (None, None)


def test_a_floor_is_not_doubted_for_being_the_floor() -> None:
    """A no-op's latency is the contender's own cost, by intention."""
    assert is_floor(measured("noop", "closed:1", [3.0]))
    assert not is_floor(cell_of(rates=[1.0]))
