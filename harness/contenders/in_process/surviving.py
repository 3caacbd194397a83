"""An application on asyncio that may die: what it executes is noted outside of it; with a list on disk, it goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from asyncio_side.write_ahead import WriteAhead
from harness.contenders.contender import Assignment, Outcome, Request, StartedJob, StartsJobs
from harness.recording.ledger import Event, Ledger
from workloads.side import Work

current: ContextVar[int] = ContextVar("current")
"""Number of the request that this task executes."""


def noting(work: Work, assignment: Assignment) -> Work:
    """The same work, with its begin and its end in the ledger."""
    ledger = Ledger(Path(assignment.ledger))

    async def noted(**payload: Any) -> Any:
        number = current.get()
        ledger.note(assignment.trial, number, Event.STARTED)
        reply = await work(**payload)
        ledger.note(assignment.trial, number, Event.ENDED)
        return reply

    return noted


@asynccontextmanager
async def surviving(side: StartsJobs, assignment: Assignment, *, ahead: bool) -> AsyncIterator["Surviving"]:
    """With a list on disk (`ahead`), what an earlier process left is done first of all, beside what comes."""
    jobs = WriteAhead(Path(assignment.keeps)) if ahead else None
    survivor = Surviving(side, jobs)
    left = [asyncio.create_task(survivor.again(number, payload)) for number, payload in jobs.left()] if jobs else []
    try:
        yield survivor
        await asyncio.gather(*left)
    finally:
        for task in left:
            task.cancel()
        if jobs is not None:
            jobs.close()


class Surviving:
    """Submits to a side; each request is written down before, where there is a list, and crossed out after."""

    def __init__(self, side: StartsJobs, jobs: WriteAhead | None) -> None:
        self._side = side
        self._jobs = jobs

    async def submit(self, request: Request) -> Outcome:
        """Write it down, do it."""
        if self._jobs is not None:
            self._jobs.accept(request.id, request.payload)
        return await self._done(request)

    async def again(self, number: int, payload: dict[str, Any]) -> None:
        """What an earlier process had written down."""
        await self._done(Request(number, payload))

    async def _done(self, request: Request) -> Outcome:
        current.set(request.id)
        outcome = await self._side.submit(request)
        if self._jobs is not None:
            self._jobs.done(request.id)
        return outcome

    def start_job(self, request: Request) -> StartedJob:
        """As the side does."""
        current.set(request.id)
        return self._side.start_job(request)

    async def pause(self) -> None:
        """As the side does."""
        await self._side.pause()

    async def resume(self) -> None:
        """As the side does."""
        await self._side.resume()
