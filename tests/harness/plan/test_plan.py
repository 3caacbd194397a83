"""Plans and the cells they come to."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.plan import plan as plans
from harness.plan.plan import Plan, ViewPlan


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
    cells = plans.cells(plan, "the plan")
    assert len(cells) == 2 * 2 + 2 * 2 * 2
    assert len({cell.id for cell in cells}) == len(cells)
    assert {cell.params["seconds"] for cell in cells if cell.workload == "sleep"} == {0.1, 0.2}


def test_a_cell_of_two_views_is_measured_once() -> None:
    """It names both views."""
    one = plan_of().view[0]
    both = Plan(view=[one, ViewPlan(name="w", workloads=["sleep"], contenders=["asyncio:4"], loads=["closed:8"])])
    cells = plans.cells(both, "the plan")
    assert len(cells) == 2
    assert [cell.views for cell in cells] == [["v", "w"], ["v"]]


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
    cells = plans.cells(Plan(view=views), "the plan")
    assert [(cell.id, cell.views, cell.duration_s) for cell in cells] == [
        ("sleep/asyncio:4/closed:8", ["v", "w"], 2.0),
        ("sleep[seconds=0.1]/asyncio:4/closed:8", ["w"], 2.0),
    ]


def test_matched_slots_must_be_the_same_slots() -> None:
    """Rule 6 is kept by the plan, not by its author's care."""
    with pytest.raises(UsageError, match="same slots"):
        plans.cells(plan_of(matched="slots", contenders=["asyncio:4", "celery-prefork:8"]), "the plan")


def test_parameters_are_read_by_their_types() -> None:
    """From text, as `--set` gives them."""
    cells = plans.cells(plan_of(set={"sleep": {"seconds": "0.25"}}), "the plan")
    assert cells[0].params == {"seconds": 0.25, "draw": "fixed"}


def test_prefork_without_slots_has_as_many_as_cpus_and_asyncio_none() -> None:
    """As each is without further ado."""
    import os

    assert plans.parse_contender("celery-prefork", "-c") == plans.Named("celery-prefork", os.cpu_count(), "redis")
    assert plans.parse_contender("asyncio", "-c") == plans.Named("asyncio", None, None)
    assert plans.parse_contender("celery-solo", "-c") == plans.Named("celery-solo", 1, "redis")


def test_a_broker_is_named_behind_the_slots() -> None:
    """Redis is the default and goes without saying; what has no broker takes none."""
    assert plans.parse_contender("celery-threads:4@rabbitmq", "-c") == plans.Named("celery-threads", 4, "rabbitmq")
    assert str(plans.parse_contender("celery-threads:4@rabbitmq", "-c")) == "celery-threads:4@rabbitmq"
    assert str(plans.parse_contender("celery-threads:4@redis", "-c")) == "celery-threads:4"
    with pytest.raises(UsageError, match="has no broker"):
        plans.parse_contender("asyncio:4@redis", "-c")
    with pytest.raises(UsageError, match="Did you mean 'rabbitmq'"):
        plans.parse_contender("celery-threads@rabitmq", "-c")


def test_a_view_may_hold_several_brokers() -> None:
    """Each contender that needs one runs on each; one that names its own keeps it."""
    view = plan_of(contenders=["asyncio", "celery-solo", "celery-threads@redis"], brokers=["redis", "rabbitmq"])
    named = [(cell.contender, cell.broker) for cell in plans.cells(view, "the plan")]
    assert named == [
        ("asyncio", None),
        ("celery-solo", "redis"),
        ("celery-solo", "rabbitmq"),
        ("celery-threads", "redis"),
    ]


@pytest.mark.parametrize("name", sorted(plans.shipped()))
def test_every_shipped_plan_is_valid(name: str) -> None:
    """All its names, numbers and settings."""
    assert plans.cells(plans.load_plan(name), name)


def test_quick_has_the_three_views() -> None:
    """Matched slots for every workload; matched resources and asyncio unbounded on http_date."""
    quick = plans.load_plan("quick")
    slots, resources, unbounded = quick.view
    assert slots.matched == "slots"
    assert slots.workloads == ["noop", "sleep", "http_date"]
    assert resources.matched == "resources"
    assert unbounded.matched == "none"
    assert quick.rounds == 3


def test_malformed_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    """Where to look."""
    path = tmp_path / "p.toml"
    path.write_text("rounds = 3\nduration = 1s\n")
    with pytest.raises(UsageError, match=r"p\.toml: malformed TOML: .*line 2, column \d+"):
        plans.load_plan(str(path))


def test_lists_of_slots_and_rates_are_part_of_the_product() -> None:
    """Two numbers of slots for two contenders, two rates and a load: twelve cells."""
    plan = plan_of(contenders=["asyncio", "celery-threads"], slots=[2, 8], rates=[50, 0.5], loads=["closed:8"])
    found = plans.cells(plan, "the plan")
    assert len(found) == 2 * 2 * 3
    assert {cell.slots for cell in found} == {2, 8}
    assert {cell.load for cell in found} == {"closed:8", "open:50/s", "open:0.5/s"}


def test_matched_slots_may_be_a_list_of_slots() -> None:
    """Contenders are then compared for each number of slots by itself."""
    assert plans.cells(plan_of(contenders=["asyncio", "celery-threads"], slots=[2, 8], matched="slots"), "the plan")


def test_slots_given_twice_are_refused() -> None:
    """With what was given."""
    with pytest.raises(UsageError, match=r"slots are given twice: slots = \[2\], and asyncio:4, celery-prefork:4"):
        plans.cells(plan_of(slots=[2]), "the plan")


def test_a_view_without_any_load_is_refused() -> None:
    """It may come from loads or from rates."""
    with pytest.raises(UsageError, match="at least one load"):
        plans.cells(plan_of(loads=[]), "the plan")
