"""The floor: cells that every run adds for each contender, what counts for it and what does not."""

from typing import Any

import msgspec
import pytest

from harness.accounting.summary import Floor
from harness.jobs import registered
from harness.jobs.spec import Facts, JobSpec, OwnJob
from harness.loads.closed import Closed
from harness.loads.drain import Drain
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.floor import ALONE, VIEW, floor_of, is_floor, with_floor
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.results.model import Cell, Trial
from tests.builders import cell_of, latency_of, trial_of


def planned(rounds: int = 3, **view: Any) -> list[CellPlan]:
    """The cells of a plan with one view, and its floor."""
    values: dict[str, Any] = {"workloads": ["sleep"], "contenders": ["fake:2"], "loads": ["closed:8"]}
    plan = Plan(rounds=rounds, view=[ViewPlan(name="own", **(values | view))])
    return with_floor(plan, cells(plan, "the test"))


def test_workers_elsewhere_that_have_a_job_alone_are_asked_for_no_floor() -> None:
    """They have no no-op: a run would wait for other workers, which nobody has started. A driver has all."""
    registered.add(OwnJob(spec=JobSpec(given="-w planted.py"), facts=Facts(name="planted"), expected={}))
    view = ViewPlan(
        name="own", workloads=["planted", "sleep"], contenders=["celery-threads", "asyncio:2"], loads=["closed:8"]
    )
    plan = Plan(rounds=1, view=[view])
    asked = cells(plan, "the test")
    of_job = [cell for cell in asked if cell.workload == "planted"]
    assert "celery-threads" in {cell.contender for cell in with_floor(plan, of_job) if cell.views == [VIEW]}
    there = [cell for cell in with_floor(plan, of_job, external=True) if cell.views == [VIEW]]
    assert {cell.contender for cell in there} == {"asyncio"}
    every = [cell for cell in with_floor(plan, asked, external=True) if cell.views == [VIEW]]
    assert {cell.contender for cell in every} == {"asyncio", "celery-threads"}


def floors(found: list[CellPlan]) -> list[str]:
    """Ids of the cells that were added."""
    return [cell.id for cell in found if cell.views == [VIEW]]


def measured(plan: CellPlan, trials: list[Trial]) -> Cell:
    """A cell of a plan after those trials."""
    return cell_of(
        plan.contender,
        side="fake",
        slots=plan.slots,
        load=parse_load(plan.load, "the test").describe(),
        trials=trials,
        id=plan.id,
        views=plan.views,
        workload=plan.workload,
        params=plan.params,
    )


def threads_measured(workload: str, load: str, middles_ms: list[float], views: list[str] | None = None) -> Cell:
    """A cell of celery-threads:16 with trials of those median latencies."""
    parsed = Drain(96) if load.startswith("drain") else Closed(1)
    trials = [
        trial_of(n, latency_ms=latency_of(ms), slot_overhead_ms=ms if load.startswith("drain") else None)
        for n, ms in enumerate(middles_ms, start=1)
    ]
    return cell_of(
        "celery-threads", side="celery", trials=trials, load=parsed.describe(), workload=workload, views=views or [VIEW]
    )


def floor_with(alone: list[Trial], drained: list[Trial], **view: Any) -> Floor:
    """The floor of fake:2 where its no-op and its backlog came to those trials."""
    found = {plan.id: plan for plan in planned(**view)}
    known = [
        measured(found["noop/fake:2/closed:1"], alone),
        measured(found["sleep[seconds=0.1]/fake:2/drain:12"], drained),
    ]
    return floor_of(known, "fake", 2)


def test_each_contender_gets_a_no_op_alone_and_a_backlog() -> None:
    """Six requests a slot, at least twelve; each contender once, however many cells it has."""
    assert floors(planned(contenders=["fake:1", "fake:8", "fake:8"])) == [
        "noop/fake:1/closed:1",
        "sleep[seconds=0.1]/fake:1/drain:12",
        "noop/fake:8/closed:1",
        "sleep[seconds=0.1]/fake:8/drain:48",
    ]


def test_without_slots_there_is_no_slot_overhead_to_measure() -> None:
    """Asyncio unbounded has a no-op alone, and nothing else."""
    assert floors(planned(contenders=["asyncio"])) == ["noop/asyncio/closed:1"]


@pytest.mark.parametrize(("rounds", "expected"), [(1, 1), (4, 1), (5, 5), (9, 9)])
def test_the_floor_is_measured_once_in_a_short_run_and_always_in_a_long_one(rounds: int, expected: int) -> None:
    """A run that gives verdicts gives the floor the same rounds."""
    found = planned(rounds)
    assert {cell.rounds for cell in found if cell.views == [VIEW]} == {expected}


def test_the_floor_is_the_mean_of_the_trials_medians() -> None:
    """A few late requests are not the floor; other contenders' trials are not this one's."""
    alone, backlog = threads_measured("noop", "closed:1", [3.0, 5.0]), threads_measured("sleep", "drain:96", [2.0, 3.0])
    floor = floor_of([alone, backlog], "celery-threads", 16)
    assert (floor.latency_ms, floor.slot_overhead_ms) == (4.0, 2.5)
    other = floor_of([alone, backlog], "celery-threads", 8)
    assert (other.latency_ms, other.slot_overhead_ms) == (None, None)


def test_trials_that_failed_are_no_floor() -> None:
    """Nor is a backlog of the plan's own, which may be of any work."""
    alone = threads_measured("noop", "closed:1", [3.0])
    alone = msgspec.structs.replace(alone, trials=[msgspec.structs.replace(alone.trials[0], status="failed")])
    own = threads_measured("sleep", "drain:96", [9.0], views=["own"])
    floor = floor_of([alone, own], "celery-threads", 16)
    assert (floor.latency_ms, floor.slot_overhead_ms) == (None, None)


def test_a_floor_is_not_doubted_for_being_the_floor() -> None:
    """A no-op's latency is the contender's own cost, by intention."""
    assert is_floor(threads_measured("noop", "closed:1", [3.0]))
    assert not is_floor(cell_of(rates=[1.0]))


def test_the_plans_own_cells_come_first_and_unchanged() -> None:
    """The floor is added to them, with times of its own."""
    own, *added = planned()
    assert (own.views, own.rounds, own.warmup_s, own.duration_s) == (["own"], 3, 1.0, 5.0)
    assert [cell.views for cell in added] == [[VIEW], [VIEW]]
    assert {(cell.rounds, cell.warmup_s, cell.duration_s) for cell in added} == {(1, 0.1, 0.4)}


def test_a_cell_of_the_plan_keeps_its_rounds_where_it_is_the_floor_too() -> None:
    """Also in a short run, where the floor has one round; only the backlog is added."""
    own, backlog = planned(workloads=["noop"], loads=["closed:1"])
    assert (own.id, own.views, own.rounds, own.duration_s) == ("noop/fake:2/closed:1", ["own", VIEW], 3, 5.0)
    assert (backlog.workload, backlog.params, backlog.views) == ("sleep", {"seconds": 0.1, "draw": "fixed"}, [VIEW])


def test_the_plans_own_no_op_is_the_floor_of_its_contender() -> None:
    """It was measured in the same run."""
    floor = floor_with([trial_of(latency_ms=latency_of(4.0))], [], workloads=["noop"], loads=["closed:1"])
    assert floor.latency_ms == 4.0


def test_the_median_of_a_trial_is_its_floor_and_the_mean_only_where_it_has_none() -> None:
    """One late request moves the mean; too few requests leave the median blank."""
    late = msgspec.structs.replace(latency_of(4.0), mean=40.0)
    few = msgspec.structs.replace(latency_of(6.0), p50=None)
    assert floor_with([trial_of(latency_ms=late)], []).latency_ms == 4.0
    assert floor_with([trial_of(latency_ms=late), trial_of(2, latency_ms=few)], []).latency_ms == 5.0


def test_a_trial_of_which_nothing_is_known_is_no_floor() -> None:
    """Neither 0 nor a part of the mean."""
    blank, known = trial_of(latency_ms=None), trial_of(2, latency_ms=latency_of(3.0), slot_overhead_ms=2.0)
    floor = floor_with([blank, known], [blank, known])
    assert (floor.latency_ms, floor.slot_overhead_ms) == (3.0, 2.0)
    nothing = floor_with([blank], [blank])
    assert (nothing.latency_ms, nothing.slot_overhead_ms) == (None, None)


@pytest.mark.parametrize("load", ["closed:8", "open:5/s"])
def test_a_no_op_under_another_load_is_not_the_floor(load: str) -> None:
    """It waits behind others."""
    crowd = measured(planned(workloads=["noop"], loads=[load])[0], [trial_of(latency_ms=latency_of(9.0))])
    assert floor_of([crowd], "fake", 2).latency_ms is None


def test_whatever_is_a_no_op_or_was_added_for_the_floor_is_not_doubted_for_it() -> None:
    """A no-op under any load, and the backlog; the plan's own work is."""
    own, alone, backlog = (measured(plan, []) for plan in planned())
    crowd = measured(planned(workloads=["noop"])[0], [])
    assert [is_floor(cell) for cell in (own, alone, backlog, crowd)] == [False, True, True, True]
    assert alone.workload == ALONE[0]


@pytest.mark.parametrize("status", ["failed", "disqualified"])
def test_a_backlog_that_was_not_measured_tells_no_slot_overhead(status: str) -> None:
    """A trial that fails by reconciliation still has figures, which nobody may believe."""
    bad = trial_of(2, status=status, slot_overhead_ms=50.0)
    assert floor_with([], [trial_of(slot_overhead_ms=2.0), bad]).slot_overhead_ms == 2.0


def test_the_plans_own_backlog_tells_the_slot_overhead_where_it_is_the_floors() -> None:
    """The same cell is not measured twice, so that the plan's is the floor's."""
    own: dict[str, Any] = {"loads": ["drain:12"], "set": {"sleep": {"seconds": 0.1}}}
    assert floor_with([], [trial_of(slot_overhead_ms=2.0)], **own).slot_overhead_ms == 2.0


def view_of_asyncio(**changes: Any) -> ViewPlan:
    """One view of two contenders."""
    values: dict[str, Any] = {
        "name": "v",
        "workloads": ["sleep"],
        "contenders": ["asyncio", "celery-threads"],
        "loads": ["closed:8"],
    }
    return ViewPlan(**(values | changes))


def test_a_view_may_go_without_the_floor() -> None:
    """Its contenders are then measured for no other reason than its own."""
    plan = Plan(view=[view_of_asyncio(floor=False), view_of_asyncio(name="w", contenders=["asyncio:4"])])
    found = with_floor(plan, cells(plan, "the plan"))
    assert {cell.contender for cell in found if VIEW in cell.views} == {"asyncio"}
    assert {cell.slots for cell in found if VIEW in cell.views} == {4}
    bare = Plan(view=[view_of_asyncio(floor=False)])
    assert with_floor(bare, cells(bare, "the plan")) == cells(bare, "the plan")


@pytest.mark.parametrize("contender", ["asyncio+refuse-8:2", "celery-threads+expires-2:2"])
def test_what_drops_requests_has_no_backlog(contender: str) -> None:
    """Two thirds of it would be refused: its floor is a no-op alone."""
    (alone,) = floors(planned(contenders=[contender]))
    assert alone.startswith("noop/")
