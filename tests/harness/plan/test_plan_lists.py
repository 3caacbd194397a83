"""Lists of slots and of rates in a plan: the cells they come to, and what is compared with what."""

from typing import Any

import pytest

from harness.errors import UsageError
from harness.loads.closed import Closed
from harness.loads.load import plainly
from harness.loads.open import Open
from harness.plan.floor import VIEW, with_floor
from harness.plan.plan import CellPlan, Plan, ViewPlan, cells, check_amounts, loads_of
from harness.results.model import Cell, Side
from harness.statistics.comparisons import comparisons, groups
from tests.builders import cell_of, view_of

FIVE = [100.0, 101.0, 99.0, 100.5, 99.5]


def view(**changes: Any) -> ViewPlan:
    """One view of two contenders."""
    values: dict[str, Any] = {
        "name": "v",
        "workloads": ["sleep"],
        "contenders": ["asyncio", "celery-threads"],
        "loads": ["closed:8"],
    }
    return ViewPlan(**(values | changes))


def planned(**changes: Any) -> list[CellPlan]:
    """Its cells."""
    return cells(Plan(view=[view(**changes)]), "the plan")


def test_slots_rates_loads_and_parameters_multiply() -> None:
    """Every combination, once: 2 contenders × 3 slots × (1 load + 2 rates) × 2 parameter values."""
    found = planned(slots=[1, 2, 4], rates=[5, 0.5], set={"sleep": {"seconds": [0.1, 0.2]}})
    assert len(found) == len({cell.id for cell in found}) == 2 * 3 * 3 * 2
    assert {(cell.contender, cell.slots, cell.load, cell.params["seconds"]) for cell in found} == {
        (contender, slots, load, seconds)
        for contender in ("asyncio", "celery-threads")
        for slots in (1, 2, 4)
        for load in ("closed:8", "open:5/s", "open:0.5/s")
        for seconds in (0.1, 0.2)
    }


def test_contenders_of_equal_slots_stand_together() -> None:
    """In the order of the list: a table reads from the fewest slots to the most."""
    assert [cell.id for cell in planned(slots=[2, 8])] == [
        "sleep/asyncio:2/closed:8",
        "sleep/celery-threads:2/closed:8",
        "sleep/asyncio:8/closed:8",
        "sleep/celery-threads:8/closed:8",
    ]


def test_rates_alone_are_loads_enough() -> None:
    """Each under its own open load, after the loads that are written out."""
    assert loads_of(view(loads=[], rates=[5, 2.5]), "the plan") == ["open:5/s", "open:2.5/s"]
    assert loads_of(view(rates=[5]), "the plan") == ["closed:8", "open:5/s"]


def test_without_loads_and_rates_the_place_is_told() -> None:
    """Plan and view, and both names that would do."""
    with pytest.raises(UsageError, match=r"^the plan, view .v.: expected .* in loads, rates or clients_per_slot\.$"):
        planned(loads=[], rates=[])


def test_slots_given_twice_are_told_with_both() -> None:
    """Only the contender that names its own is wrong."""
    with pytest.raises(UsageError) as raised:
        planned(slots=[2, 8], contenders=["asyncio", "celery-threads:4"])
    assert str(raised.value) == "the plan, view 'v': slots are given twice: slots = [2, 8], and celery-threads:4."


@pytest.mark.parametrize("slots", [0, -1])
def test_slots_that_cannot_be_are_told(slots: int) -> None:
    """With the contender that would have them."""
    with pytest.raises(UsageError, match=f"'asyncio:{slots}': expected slots as a whole number above 0"):
        planned(slots=[slots])


def test_slots_that_a_contender_cannot_have_are_told() -> None:
    """A list holds for all of the view's contenders."""
    with pytest.raises(UsageError, match="celery-solo has exactly one slot; got 2"):
        planned(slots=[1, 2], contenders=["celery-solo"])


@pytest.mark.parametrize("rate", [0, -5, 2_000_000, float("nan"), float("inf")])
def test_rates_that_cannot_be_are_told(rate: float) -> None:
    """As they are given."""
    with pytest.raises(UsageError) as raised:
        planned(rates=[rate])
    assert str(raised.value).startswith("the plan, view 'v': expected open:R/s")
    assert str(raised.value).endswith(f"got '{plainly(rate)}/s'.")


@pytest.mark.parametrize("rate", [1234.567, 123456.7, 1_000_000])
def test_a_rate_is_measured_as_it_was_given(rate: float) -> None:
    """To all its digits."""
    (load,) = loads_of(view(loads=[], rates=[rate]), "the plan")
    assert Open.parse(load.partition(":")[2], "the plan").rate_per_s == rate


def test_matched_slots_hold_for_each_number_of_a_list_but_not_across_contenders() -> None:
    """The list makes them equal; slots by name must be equal by themselves."""
    assert len(planned(matched="slots", slots=[2, 8])) == 4
    with pytest.raises(UsageError, match="matched = 'slots' needs the same slots everywhere; got asyncio:2, asyncio:8"):
        planned(matched="slots", contenders=["asyncio:2", "asyncio:8"])
    assert len(planned(matched="resources", contenders=["asyncio:2", "asyncio:8"])) == 2


def four() -> list[Cell]:
    """Two contenders with 2 and with 8 slots."""
    contenders: list[tuple[str, Side]] = [("asyncio", "asyncio"), ("celery-threads", "celery")]
    return [
        cell_of(contender, FIVE, side=side, slots=slots, id=f"{contender}:{slots}")
        for slots in (2, 8)
        for contender, side in contenders
    ]


def ids(found: Any) -> list[list[str]]:
    """The cells of each group."""
    return [[cell.id for cell in group] for group in found]


def test_matched_slots_group_by_their_number() -> None:
    """Eight slots are never shown as quicker than two."""
    found = ids(groups(four(), view_of("slots")))
    assert found == [["asyncio:2", "celery-threads:2"], ["asyncio:8", "celery-threads:8"]]


@pytest.mark.parametrize("matched", ["resources", "none"])
def test_other_views_group_whatever_the_slots(matched: Any) -> None:
    """One process and one thread may have any number of slots."""
    assert ids(groups(four(), view_of(matched))) == [["asyncio:2", "celery-threads:2", "asyncio:8", "celery-threads:8"]]


def test_each_number_of_slots_is_compared_with_its_own_base() -> None:
    """Asyncio with as many."""
    found = {(one.base, one.contender) for one in comparisons(four(), [view_of("slots")])}
    assert found == {("asyncio:2", "celery-threads:2"), ("asyncio:8", "celery-threads:8")}


def test_groups_share_workload_parameters_load_and_view() -> None:
    """A cell that differs in one of them, or belongs to another view, is none of them."""
    base = cell_of(id="base")
    others = [
        cell_of(id="workload", workload="noop"),
        cell_of(id="params", params={"seconds": 0.1}),
        cell_of(id="load", load=Closed(64).describe()),
        cell_of(id="rate", load=Open(50.0).describe()),
        cell_of(id="arrivals", load=Open(50.0, "uniform").describe()),
    ]
    elsewhere = cell_of(id="elsewhere", views=["another"])
    same = cell_of("celery-threads", side="celery", id="same")
    found = ids(groups([base, *others, elsewhere, same], view_of("slots")))
    assert found == [["base", "same"], *([cell.id] for cell in others)]


def test_clients_that_follow_slots_are_each_contenders_own() -> None:
    """As many closed clients for each of its slots; beside the loads that hold for all."""
    found = planned(slots=[2, 8], clients_per_slot=[3])
    assert [(cell.slots, cell.load) for cell in found if cell.contender == "asyncio"] == [
        (2, "closed:8"),
        (8, "closed:8"),
        (2, "closed:6"),
        (8, "closed:24"),
    ]


def test_clients_cannot_follow_slots_that_there_are_not() -> None:
    """The contender is told; so is a number that cannot be."""
    with pytest.raises(UsageError, match=r"asyncio has no slots that its clients could follow \(clients_per_slot\)"):
        planned(loads=[], clients_per_slot=[2])
    with pytest.raises(UsageError, match="expected clients_per_slot above 0; got 0"):
        planned(slots=[2], clients_per_slot=[0])


def test_a_views_own_times_are_its_cells() -> None:
    """Elsewhere the plan's hold; a cell that two views show has the longer ones."""
    views = [view(duration="2s"), view(name="w", warmup="3s"), view(name="x", contenders=["asyncio:4"])]
    found = cells(Plan(duration="1s", warmup="0.5s", view=views), "the plan")
    times = {cell.id.split("/")[1]: (cell.warmup_s, cell.duration_s) for cell in found}
    assert times["asyncio"] == (3.0, 2.0)
    assert times["asyncio:4"] == (0.5, 1.0)
    with pytest.raises(UsageError, match="view 'v', duration"):
        check_amounts(Plan(view=[view(duration="soon")]), "the plan")


def test_a_view_may_go_without_the_floor() -> None:
    """Its contenders are then measured for no other reason than its own."""
    plan = Plan(view=[view(floor=False), view(name="w", contenders=["asyncio:4"])])
    found = with_floor(plan, cells(plan, "the plan"))
    assert {cell.contender for cell in found if VIEW in cell.views} == {"asyncio"}
    assert {cell.slots for cell in found if VIEW in cell.views} == {4}
    bare = Plan(view=[view(floor=False)])
    assert with_floor(bare, cells(bare, "the plan")) == cells(bare, "the plan")
