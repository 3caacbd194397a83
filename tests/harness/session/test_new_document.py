"""A run's document before its first trial."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.results.model import Cell
from harness.services.origin import origin_url
from harness.session.drivers import RunDrivers
from harness.session.new_document import new_results, pending_cell
from harness.session.services import Parts, RunServices
from harness.session.workers import RunWorkers
from tests.harness.session.doubles import Reported, options_of, plan_of, setup_of
from tests.harness.session.run_doubles import BrokersDouble, CalledDouble, CeleryDouble, CellsDouble


class Ready:
    """Services whose workers report that they run with 6 slots."""

    def __init__(self, *plans: CellPlan, plan: Plan | None = None, **changes: Any) -> None:
        self.cells = CellsDouble(plans, celery=CeleryDouble([], slots=6))
        options = options_of(origin_url=origin_url("http://x"), **changes)
        brokers = BrokersDouble([])
        asyncio.run(brokers.open(["redis"], "", Path()))
        workers = RunWorkers("run", brokers, {}, Path)
        workers.make(self.cells)
        parts = Parts("run", brokers, CalledDouble([], options), workers, RunDrivers(self.cells, Path))
        self.setup = setup_of(self.cells, options, Reported(), plan)
        self.services = RunServices(self.setup, parts)

    def cell(self, plan: CellPlan) -> Cell:
        """As it stands in the document."""
        return pending_cell(plan, self.cells, self.services)


def test_a_cell_says_what_its_workers_report_of_themselves() -> None:
    """Beside what was asked of them; where drivers execute, what they were given."""
    with_workers, in_driver = plan_of("a", contender="celery", broker="redis"), plan_of("b")
    ready = Ready(with_workers, in_driver)
    cell = ready.cell(with_workers)
    assert (cell.settings.asked, cell.settings.effective) == ({"slots": 4}, {"slots": 6})
    assert [worker.name for worker in cell.workers] == ["w1"]
    assert ready.cell(in_driver).settings.effective["slots"] == 4
    assert ready.cell(in_driver).workers == []


@pytest.mark.parametrize(
    ("changes", "ceiling_per_s"),
    [
        ({"params": {"seconds": 0.1}}, 40.0),
        ({"params": {"seconds": 0.1}, "slots": None}, None),
        ({"workload": "noop"}, None),
    ],
)
def test_a_ceiling_is_slots_by_ideal_time_where_both_are_known(
    changes: dict[str, Any], ceiling_per_s: float | None
) -> None:
    """Unbounded work and work that takes no time have none."""
    plan = plan_of("a", **changes)
    assert Ready(plan).cell(plan).ceiling_per_s == ceiling_per_s


def test_a_cell_that_is_not_measured_says_why_at_once() -> None:
    """It has a row too."""
    plan = plan_of("a")
    ready = Ready(plan)
    ready.cells.skip([plan], "no broker")
    cell = ready.cell(plan)
    assert (cell.status, cell.reason, cell.trials, cell.summary) == ("skipped", "no broker", [], None)


def test_a_run_says_how_to_repeat_it_and_where_it_took_place() -> None:
    """Seed, rounds, command, views; brokers and origin."""
    view = ViewPlan(name="view", about="about", workloads=["sleep"], contenders=["fake:4"], loads=["closed:8"])
    plan = Plan(name="mine", rounds=4, view=[view])
    ready = Ready(plan_of("a"), plan=plan, seed=7, command="workbench run -w sleep")
    results = new_results(ready.setup, ready.services)
    run = results.run
    assert (run.id, run.seed, run.rounds, run.plan, run.command) == ("folder", 7, 4, "mine", "workbench run -w sleep")
    assert (run.status, run.finished) == ("running", None)
    assert [(shown.name, shown.about) for shown in run.views] == [("view", "about")]
    assert results.environment.origin == "http://x"
    assert [broker.url for broker in results.environment.brokers] == ["redis://nowhere"]
    assert [cell.id for cell in results.cells] == ["a"]


@pytest.mark.parametrize(
    ("rounds", "external", "boots"),
    [(5, False, 3), ("auto", False, 1), (5, True, 1)],
    ids=["rounds", "auto", "external"],
)
def test_a_run_says_how_often_its_services_start_and_which_were_there_before(
    rounds: int | str, external: bool, boots: int
) -> None:
    """Of `auto` the ones so far; workers that wait for runs, and what they use, are not started at all."""
    plan = Plan(rounds=rounds, view=[])
    given = {"external": True, "brokers": {"redis": "redis://nowhere"}} if external else {}
    run = new_results((ready := Ready(plan_of("a"), plan=plan, **given)).setup, ready.services).run
    assert run.boots == boots
    assert run.kept == (["workers", "broker", "origin"] if external else ["origin"])
