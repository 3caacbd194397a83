"""A run on a system without what only Linux has: it measures all the same, and its rows say what stood in for what."""

import os
from pathlib import Path

from harness.results import store
from tests.cli.conftest import BARE, Workbench

ELSEWHERE = str(Path(__file__).parents[1] / "elsewhere")
"""On `PYTHONPATH`, it takes those things from Python in each process of a run."""
LACKING = ("timerfd", "run queues", "CPU clocks", "PSS", "context switches", "affinity", "/proc/stat")


def test_a_run_without_what_only_linux_has_measures_and_names_what_stood_in(
    workbench: Workbench, tmp_path: Path
) -> None:
    """At a rate, with forked processes of the pool and of the origin; a driver of asyncio is of the same kind."""
    env = {"PYTHONPATH": os.pathsep.join([ELSEWHERE, *filter(None, [os.environ.get("PYTHONPATH")])])}
    asked = ("-w", "http_date", "-c", "celery-prefork:2", "--load", "open:40/s", "--rounds", "1")
    options = ("--duration", "500ms", "--origin-processes", "2", "-o", str(tmp_path / "run"))
    ended = workbench("run", BARE, *asked, *options, env=env)
    assert ended.status == 0, ended.err
    ((trial,),) = (cell.trials for cell in store.read(tmp_path / "run").cells)
    assert trial.ok == trial.submitted > 0
    assert trial.duplicates == 0
    (doubt,) = (doubt for doubt in trial.doubts if doubt.kind == "other-system")
    assert all(name in doubt.text for name in LACKING)
    assert trial.usage.driver is not None
    assert trial.usage.driver.memory_kind == "rss"
    assert trial.machine is not None
