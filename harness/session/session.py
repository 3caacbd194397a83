"""A run, from its plan to its document: services up, trials by a schedule, services down, document finished."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from harness.plan.cells import cells
from harness.plan.floor import with_floor
from harness.plan.plan import Plan
from harness.progress.progress import Progress
from harness.results.model import Results
from harness.results.store import Store
from harness.schedule.schedule import FixedRounds, Schedule
from harness.session.cells import RunCells, spread_over_drivers
from harness.session.document import Document
from harness.session.new_document import new_results
from harness.session.options import Options
from harness.session.services import RunServices, parts_of
from harness.session.trials import RunTrials


class Session:
    """One run. Raises UsageError for a plan whose cells cannot be."""

    def __init__(
        self, plan: Plan, options: Options, store: Store, progress: Progress, schedule: Schedule | None = None
    ) -> None:
        self._plan = plan
        self._options = options
        self._store = store
        self._progress = progress
        self._schedule = schedule or FixedRounds()
        self._cells = RunCells(with_floor(plan, cells(plan, options.place)))
        spread_over_drivers(self._cells, options.drivers)
        self._document: Document | None = None

    @property
    def folder(self) -> Path:
        """Where the run is written."""
        return self._store.folder

    @property
    def results(self) -> Results | None:
        """The whole document as it stands; None where the services never ran."""
        return self._document.results if self._document is not None else None

    async def run(self) -> None:
        """Run the plan; on cancellation (Ctrl-C) everything is stopped and what was measured is saved."""
        try:
            async with self.trials() as trials:
                await self._schedule.run(trials)
            self._finish("done")
        except asyncio.CancelledError:
            self._finish("interrupted")
            raise
        except BaseException:
            self._finish("failed")
            raise
        finally:
            self._progress.end()

    @contextlib.asynccontextmanager
    async def trials(self) -> AsyncIterator[RunTrials]:
        """What trials can be asked of, while all that they need runs."""
        self._store.create()
        with tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True) as folder:
            scratch = Path(folder)
            parts = parts_of(self._cells, self._options, self._store)
            services = RunServices(self._cells, self._options, self._progress, parts)
            async with services.running(scratch):
                results = new_results(self._store.folder.name, self._plan, self._options, self._cells, services)
                self._document = Document(results, self._store.save)
                yield RunTrials(
                    self._plan,
                    self._options,
                    self._cells,
                    services,
                    self._document,
                    self._store,
                    self._progress,
                    scratch,
                )

    def _finish(self, status: Literal["done", "interrupted", "failed"]) -> None:
        if self._document is not None:
            self._document.finish(status)
