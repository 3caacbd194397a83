"""The cells that a plan comes to: products of its lists, each cell once, and what is refused."""

from typing import Any

import pytest

from harness.errors import UsageError
from harness.loads.load import plainly
from harness.loads.open import Open
from harness.plan.cells import cells
from harness.plan.checks import check_amounts
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.plan.views import loads_of


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


def plan_of(**changes: object) -> Plan:
    """A plan with one view."""
    values: dict[str, object] = {
        "name": "v",
        "workloads": ["sleep"],
        "contenders": ["asyncio:4", "celery-prefork:4"],
        "loads": ["closed:8"],
    }
    return Plan(view=[ViewPlan(**(values | changes))])  # type: ignore[arg-type]


def test_a_view_is_the_product_of_its_lists() -> None:
    """Workloads × contenders × loads × listed parameter values."""
    plan = plan_of(workloads=["noop", "sleep"], loads=["closed:8", "open:5/s"], set={"sleep": {"seconds": [0.1, 0.2]}})
    made = cells(plan, "the plan")
    assert len(made) == 2 * 2 + 2 * 2 * 2
    assert len({cell.id for cell in made}) == len(made)
    assert {cell.params["seconds"] for cell in made if cell.workload == "sleep"} == {0.1, 0.2}


@pytest.mark.parametrize(
    ("empty", "named"),
    [
        ({"workloads": []}, "workloads"),
        ({"contenders": []}, "contenders"),
        ({"set": {"sleep": {"seconds": []}}}, "set.sleep.seconds"),
    ],
)
def test_a_view_of_nothing_is_refused_with_the_list_that_is_empty(empty: dict[str, Any], named: str) -> None:
    """It would have no cell, and its run no trial."""
    with pytest.raises(UsageError, match=rf"view 'v': nothing to measure: {named} = \[\]\."):
        planned(**empty)


def test_a_cell_of_two_views_is_measured_once() -> None:
    """It names both views."""
    one = plan_of().view[0]
    both = Plan(view=[one, ViewPlan(name="w", workloads=["sleep"], contenders=["asyncio:4"], loads=["closed:8"])])
    made = cells(both, "the plan")
    assert len(made) == 2
    assert [cell.views for cell in made] == [["v", "w"], ["v"]]


def test_a_parameter_given_its_default_is_the_same_cell() -> None:
    """However the views write it; it is measured for the longer of their times."""
    views = [
        ViewPlan(name="v", workloads=["sleep"], contenders=["asyncio:4"], loads=["closed:8"], duration="1s"),
        ViewPlan(
            name="w",
            workloads=["sleep"],
            contenders=["asyncio:4"],
            loads=["closed:8"],
            set={"sleep": {"seconds": [0.05, 0.1], "draw": "fixed"}},
            duration="2s",
        ),
    ]
    made = cells(Plan(view=views), "the plan")
    assert [(cell.id, cell.views, cell.duration_s) for cell in made] == [
        ("sleep/asyncio:4/closed:8", ["v", "w"], 2.0),
        ("sleep[seconds=0.1]/asyncio:4/closed:8", ["w"], 2.0),
    ]


def test_parameters_are_read_by_their_types() -> None:
    """From text, as `--set` gives them."""
    made = cells(plan_of(set={"sleep": {"seconds": "0.25"}}), "the plan")
    assert made[0].params == {"seconds": 0.25, "draw": "fixed"}


def test_a_view_may_hold_several_brokers() -> None:
    """Each contender that needs one runs on each; one that names its own keeps it."""
    view = plan_of(contenders=["asyncio", "celery-solo", "celery-threads@redis"], brokers=["redis", "rabbitmq"])
    named = [(cell.contender, cell.broker) for cell in cells(view, "the plan")]
    assert named == [
        ("asyncio", None),
        ("celery-solo", "redis"),
        ("celery-solo", "rabbitmq"),
        ("celery-threads", "redis"),
    ]


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


def test_without_loads_and_rates_the_place_is_named() -> None:
    """Plan and view, and both names that would do."""
    with pytest.raises(
        UsageError, match=r"^the plan, view .v.: expected at least one load, in loads, rates or clients_per_slot\.$"
    ):
        planned(loads=[], rates=[])


@pytest.mark.parametrize(
    ("contenders", "named"),
    [(["asyncio", "celery-threads:4"], "celery-threads:4"), (["asyncio:4", "fake:2"], "asyncio:4, fake:2")],
)
def test_slots_given_twice_are_refused(contenders: list[str], named: str) -> None:
    """With both: only the contenders that name their own are wrong."""
    with pytest.raises(UsageError) as raised:
        planned(slots=[2, 8], contenders=contenders)
    assert str(raised.value) == f"the plan, view 'v': slots are given twice: slots = [2, 8], and {named}."


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


def test_a_default_that_another_parameter_limits_is_shown_with_its_limit() -> None:
    """Work of 100 ms is cancelled after 80 ms: the usual 200 ms would be after its end."""
    (cell,) = planned(workloads=["cancel"], contenders=["asyncio:4"], set={"cancel": {"seconds": 0.1}})
    assert (cell.params["after_ms"], cell.params["poll_ms"]) == (80.0, 10.0)


@pytest.mark.parametrize(
    ("workload", "params", "said"),
    [
        ("cancel", {"after_ms": 500.0}, r"cancel.after_ms = 500.0 would be 400.0 with seconds=0.5, poll_ms=20.0"),
        ("blocking_call", {"threads": 6, "how": "process"}, "threads=6 has no effect with how=process"),
        ("flaky_http", {"fail": 0.9, "garbage": 0.2}, r"fail \+ hang \+ garbage are more than 1"),
    ],
)
def test_a_parameter_that_would_not_be_in_effect_is_refused(workload: str, params: dict[str, Any], said: str) -> None:
    """With those that stand against it."""
    with pytest.raises(UsageError, match=said):
        planned(workloads=[workload], set={workload: params})
