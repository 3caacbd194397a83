"""What the benchmarks share: services as any run has them, trials one by one, and how a ratio is written."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from harness.contenders.contender import WorkersPlace
from harness.plan.plan import Plan, ViewPlan
from harness.progress.progress import Quiet
from harness.recording.rows import Rows
from harness.results.model import Interval, Trial
from harness.results.store import Store
from harness.session.options import Options
from harness.session.session import Session
from harness.session.trials import RunTrials


class Bench:
    """Services that run, and the cells of one view to run trials of: `workload/contender:slots/load`."""

    def __init__(self, trials: RunTrials, folder: Path) -> None:
        self.trials = trials
        self._folder = folder

    async def trial(self, cell: str, number: int = 1) -> Trial:
        """The next trial of a cell; AssertionError where it was not measured."""
        trial = await self.trials.trial(self.trials.plans[cell], number)
        assert trial.status == "measured", f"{cell}: {trial.error}"
        return trial

    def rows(self, trial: Trial) -> Rows:
        """The stamps of its requests (see `harness.recording.spool.COLUMNS`), where they are kept."""
        rows: Rows = np.load(self._folder / "stamps" / f"{trial.order}.npy")
        return rows

    def place(self, contender: str) -> WorkersPlace:
        """Where the workers of a contender are, as `NAME:SLOTS`."""
        return self.trials.place(contender)

    def process(self, words: str) -> psutil.Process:
        """The first process below this one with `words` in its command line."""
        for process in psutil.Process().children(recursive=True):
            if words in " ".join(process.cmdline()):
                return process
        raise AssertionError(f"no process with {words!r}")


@asynccontextmanager
async def bench(
    *,
    workload: str = "noop",
    contenders: list[str],
    loads: list[str],
    params: dict[str, Any] | None = None,
    duration: str = "1s",
    warmup: str = "0.3s",
    **options: Any,
) -> AsyncIterator[Bench]:
    """Start what the cells need, in a folder that is removed; `options` are the session's `Options`."""
    view = ViewPlan(
        name="benchmark",
        workloads=[workload],
        contenders=contenders,
        loads=loads,
        set={workload: params or {}},
    )
    plan = Plan(name="benchmark", rounds=1, duration=duration, warmup=warmup, view=[view])
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        said: dict[str, Any] = {"seed": 1, "timeout_s": 30.0, "command": "python -m benchmarks"} | options
        session = Session(plan, Options(**said), Store(Path(folder)), Quiet())
        async with session.trials() as trials:
            yield Bench(trials, session.folder)


@contextmanager
def computing() -> Iterator[None]:
    """A process a core that computes, as long as this one lives."""
    code = f"import os\nwhile os.getppid() == {os.getpid()}: pass"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def shown(interval: Interval | None) -> str:
    """A 95 % interval in words."""
    return f" (95 % interval {interval[0]:.3f} to {interval[1]:.3f})" if interval else ""
