"""The cells of a run: which there are, what they need, why some are not measured."""

from harness.session.cells import RunCells, spread_over_drivers, worker_key
from harness.session.workers import tasks_of
from tests.harness.session.doubles import plan_of


def test_a_cell_is_taken_on_once() -> None:
    """Whoever adds some learns which are new."""
    cells = RunCells([plan_of("a")])
    new = cells.add([plan_of("a", slots=9), plan_of("b")])
    assert [plan.id for plan in new] == ["b"]
    assert cells.plans["a"].slots == 4


def test_a_cell_is_pending_until_something_is_known_against_it() -> None:
    """What is missing comes before what its contender cannot do."""
    first, second, third = plan_of("a"), plan_of("b"), plan_of("c")
    cells = RunCells([first, second, third])
    cells.not_supported(first, "cannot")
    cells.not_supported(second, "cannot")
    cells.skip([first], "missing")
    assert [cells.status(plan) for plan in (first, second, third)] == ["skipped", "not_supported", "pending"]
    assert [cells.reason(plan) for plan in (first, second, third)] == ["missing", "cannot", None]


def test_only_contenders_that_call_services_need_them() -> None:
    """Virtual time has no use for an origin."""
    fake = plan_of("fake", workload="http_date")
    real = plan_of("real", workload="http_date", contender="asyncio")
    without = plan_of("sleep", contender="asyncio")
    assert RunCells([fake, real, without]).needing("origin") == [real]
    assert RunCells([fake]).needing("origin") == []


def test_each_side_imports_all_workloads_and_what_its_own_contenders_need() -> None:
    """So that an asyncio driver does not carry Celery."""
    cells = RunCells([plan_of("a", contender="asyncio"), plan_of("b", contender="celery-solo", workload="noop")])
    modules = cells.modules()
    assert {"workloads.catalogue.sleep", "workloads.catalogue.noop"} <= set(modules["asyncio"])
    assert {"workloads.catalogue.sleep", "workloads.catalogue.noop"} <= set(modules["celery"])
    assert not any("celery" in name for name in modules["asyncio"])
    assert any("celery" in name for name in modules["celery"])


def test_work_that_cannot_be_done_here_is_imported_by_nobody_and_needs_no_service() -> None:
    """Its side may import what is not installed: neither a fork server nor a worker of other work ends with it."""
    work, broken = plan_of("a", contender="celery-solo"), plan_of("b", contender="celery-solo", workload="sql_query")
    cells = RunCells([work, broken])
    cells.not_supported(broken, "it imports what is not installed")
    assert "celery_side.tasks.sql_query" not in cells.modules()["celery"]
    assert tasks_of(cells, worker_key(work)) == ("sleep",)
    assert cells.needing("postgres") == []


def test_a_side_has_as_many_drivers_as_its_cell_with_the_most() -> None:
    """Of each side its own."""
    cells = RunCells([plan_of("a"), plan_of("b", drivers=3), plan_of("c", contender="asyncio")])
    assert cells.drivers() == {"fake": 3, "asyncio": 1}


def test_cells_are_spread_over_drivers_where_load_and_slots_allow() -> None:
    """A drain has one driver; two slots in the drivers are not spread over three, slots of workers are."""
    plans = [
        plan_of("spread"),
        plan_of("drain", load="drain:10"),
        plan_of("few slots", slots=2),
        plan_of("workers", slots=2, contender="celery-threads"),
        plan_of("unbounded", slots=None),
    ]
    cells = RunCells(plans)
    spread_over_drivers(cells, 3)
    drivers = {identity: plan.drivers for identity, plan in cells.plans.items()}
    assert drivers == {"spread": 3, "drain": 1, "few slots": 1, "workers": 3, "unbounded": 3}


def test_one_driver_leaves_the_number_to_the_plan() -> None:
    """It is what is asked for where nothing is."""
    cells = RunCells([plan_of("a", drivers=2)])
    spread_over_drivers(cells, 1)
    assert cells.plans["a"].drivers == 2


def test_cells_share_workers_where_contender_settings_slots_and_broker_are_the_same() -> None:
    """The work and the load are any."""
    plan = plan_of(contender="celery-solo", broker="redis", slots=1)
    same = plan_of(contender="celery-solo", broker="redis", slots=1, workload="noop", load="closed:1")
    others = [
        plan_of(contender="celery-solo", broker="rabbitmq", slots=1),
        plan_of(contender="celery-solo", broker="redis", slots=1, tuning=["batch"]),
        plan_of(contender="celery-threads", broker="redis", slots=1),
        plan_of(contender="celery-threads", broker="redis", slots=2),
    ]
    assert worker_key(plan) == worker_key(same)
    assert len({worker_key(other) for other in [plan, *others]}) == 5
