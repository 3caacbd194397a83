"""What a driver has imported before it is forked: its memory is compared."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.plan.cells import cells
from harness.plan.plan import Plan, ViewPlan
from harness.session.cells import RunCells, worker_key
from harness.session.workers import tasks_of

ROOT = Path(__file__).parents[3]
LISTED = """
import importlib, json, sys
for name in ["harness.driver.driver", *sys.argv[1:]]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def run_cells(*workloads: str) -> RunCells:
    """Of a run on both sides."""
    contenders = ["asyncio:4", "celery-threads:4", "celery-solo"]
    view = ViewPlan(name="v", workloads=list(workloads), contenders=contenders, loads=["closed:4"])
    return RunCells(cells(Plan(name="p", rounds=1, duration="1s", warmup="1s", view=[view]), "the test"))


@pytest.mark.parametrize(("side", "others"), [("asyncio", "celery_side"), ("celery", "asyncio_side")])
def test_a_driver_imports_the_work_of_its_own_side_and_nothing_of_the_other(side: str, others: str) -> None:
    """Of the run's workloads alone; and no numpy, which takes 10 MB and which only the session needs."""
    argv = [sys.executable, "-c", LISTED, *run_cells("sleep").modules()[side]]
    modules: list[str] = json.loads(subprocess.run(argv, check=True, capture_output=True, cwd=ROOT).stdout)
    own = {"asyncio": "asyncio_side.", "celery": "celery_side.tasks."}[side]
    assert [name for name in modules if name.startswith(own)] == [f"{own}sleep"]
    assert [name for name in modules if name.startswith("workloads.catalogue.")] == ["workloads.catalogue.sleep"]
    assert [name for name in modules if name.partition(".")[0] in (others, "numpy", "psycopg")] == []
    assert ("celery" in modules) == (side == "celery")


def test_workers_import_the_tasks_of_all_cells_that_they_serve() -> None:
    """Of one contender and number of slots."""
    of_run = run_cells("sleep", "http_date")
    keys = {plan.contender: worker_key(plan) for plan in of_run.plans.values()}
    assert tasks_of(of_run, keys["celery-threads"]) == ("http_date", "sleep")
    assert tasks_of(of_run, "nobody") == ()
