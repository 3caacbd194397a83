"""The input of a run: all that is known before anything starts."""

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
