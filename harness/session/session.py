"""A run, from its plan to its document: services up, trials by a schedule, services down, document finished.

The schedule begins rounds; where the plan wants it, a round begins with services that are started afresh (a boot).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from harness.machine.scratch import scratch_folder
from harness.machine.threads import in_thread
from harness.plan.cells import cells
from harness.plan.floor import with_floor
from harness.plan.plan import Plan
from harness.progress.progress import Progress
from harness.results.model import Results
from harness.results.store import Store
from harness.schedule.schedule import FixedRounds, Schedule
from harness.services.leftovers import remove_leftovers
from harness.session.boots import boots_of
from harness.session.cells import RunCells, spread_over_drivers
from harness.session.document import Document
from harness.session.lanes import LanedTrials, spread_over_lanes
from harness.session.new_document import new_results
from harness.session.options import Options
from harness.session.setup import RunSetup


class Session:
    """One run. Raises UsageError for a plan whose cells cannot be measured."""

    def __init__(
        self, plan: Plan, options: Options, store: Store, progress: Progress, schedule: Schedule | None = None
    ) -> None:
        planned = RunCells(with_floor(plan, cells(plan, options.place), external=options.external))
        spread_over_drivers(planned, options.drivers)
        self._setup = RunSetup(plan, options, planned, store, progress)
        self._schedule = schedule or FixedRounds()
        spread_over_lanes(planned, options, self._schedule)
        self._document: Document | None = None

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self._setup.store.folder

    @property
    def results(self) -> Results | None:
        """The whole document as it stands; None if the services never ran."""
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
            self._setup.progress.end()
            self._setup.store.release()

    @contextlib.asynccontextmanager
    async def trials(self) -> AsyncIterator[LanedTrials]:
        """What trials can be asked of, while all that they need runs."""
        setup = self._setup
        setup.store.create()
        await in_thread(remove_leftovers, setup.options.given_brokers)
        with scratch_folder() as scratch:
            boots = boots_of(setup, scratch)
            async with boots.running():
                self._document = Document(new_results(setup, boots.services), setup.store.save)
                yield LanedTrials(setup, boots, self._document, scratch)

    def _finish(self, status: Literal["done", "interrupted", "failed"]) -> None:
        if self._document is not None:
            self._document.finish(status)
