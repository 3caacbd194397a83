"""A run on a system without what only Linux has: it measures all the same, and its rows say what stood in for what."""

import os
from pathlib import Path

from harness.results import store
from tests.cli.conftest import BARE, Workbench

ELSEWHERE = str(Path(__file__).parents[1] / "elsewhere")
"""On `PYTHONPATH`, it takes those things from Python in each process of a run."""
LACKING = ("timerfd", "run queues", "CPU clocks", "PSS", "context switches", "affinity", "/proc/stat")
REST = ("parent-death signals", "files in memory", "ports of several processes")


def test_a_run_without_what_only_linux_has_measures_and_names_what_stood_in(
    workbench: Workbench, tmp_path: Path
) -> None:
    """Both sides, at a rate, with two processes of the origin; `doctor` names the same and what changes no figure."""
    env = {"PYTHONPATH": os.pathsep.join([ELSEWHERE, *filter(None, [os.environ.get("PYTHONPATH")])])}
    asked = ("-w", "http_date", "-c", "asyncio:4", "-c", "celery-prefork:2", "--load", "open:40/s", "--rounds", "1")
    options = ("--duration", "500ms", "--origin-processes", "2", "-o", str(tmp_path / "run"))
    ended = workbench("run", BARE, *asked, *options, env=env)
    assert ended.status == 0, ended.err
    for cell in store.read(tmp_path / "run").cells:
        (trial,) = cell.trials
        assert trial.ok == trial.submitted > 0
        (doubt,) = (doubt for doubt in trial.doubts if doubt.kind == "other-system")
        assert all(name in doubt.text for name in LACKING)
        assert trial.usage.driver is not None
        assert trial.usage.driver.memory_kind == "rss"
        assert trial.usage.driver.cpu_s > 0
        assert trial.machine is not None
        assert trial.duplicates in (None, 0)
    doctor = workbench("doctor", env=env)
    assert doctor.status == 0
    assert all(name in doctor.out.replace("\n", " ") for name in (*LACKING, *REST))
