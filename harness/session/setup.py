"""The input of a run: all that is known before anything starts."""

from pathlib import Path
from typing import NamedTuple

from harness.plan.plan import Plan
from harness.progress.progress import Progress
from harness.results.store import Store
from harness.session.cells import RunCells
from harness.session.options import Options


class RunSetup(NamedTuple):
    """Values that are passed to each part of the run."""

    plan: Plan
    options: Options
    cells: RunCells
    store: Store
    progress: Progress
    lane: int = 0
    """Which of those that run beside each other this is for."""

    def log(self, name: str) -> Path:
        """Path of the log of a process of this lane."""
        return self.store.log(f"{name}-lane-{self.lane + 1}" if self.lane else name)
