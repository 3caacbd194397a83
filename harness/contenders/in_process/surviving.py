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


def crossing_out(work: Work, jobs: WriteAhead) -> Work:
    """The same work, crossed out of the list once it has ended, also with an error; not where it was cut off."""

    async def crossed_out(**payload: Any) -> Any:
        number, has_ended = current.get(), True
        try:
            return await work(**payload)
        except asyncio.CancelledError:
            has_ended = False
            raise
        finally:
            if has_ended:
                jobs.done(number)

    return crossed_out


def listed(assignment: Assignment, *, ahead: bool) -> WriteAhead | None:
    """The list of the application, with what an earlier process has left in it; None without one."""
    return WriteAhead(Path(assignment.keeps)) if ahead else None


@asynccontextmanager
async def surviving(side: StartsJobs, jobs: WriteAhead | None) -> AsyncIterator["Surviving"]:
    """With a list on disk, what an earlier process left is done first of all, beside what comes."""
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
    """Submits to a side; each request, and each job that a scenario starts, is written down before it begins."""

    def __init__(self, side: StartsJobs, jobs: WriteAhead | None) -> None:
        """`jobs`: the list, out of which the side's work crosses what it has ended (`crossing_out`)."""
        self._side = side
        self._jobs = jobs

    async def submit(self, request: Request) -> Outcome:
        """Write it down, do it."""
        self._accept(request)
        return await self._side.submit(request)

    async def again(self, number: int, payload: dict[str, Any]) -> None:
        """What an earlier process had written down."""
        current.set(number)
        await self._side.submit(Request(number, payload))

    def start_job(self, request: Request) -> StartedJob:
        """Write it down, start it."""
        self._accept(request)
        return self._side.start_job(request)

    def _accept(self, request: Request) -> None:
        current.set(request.id)
        if self._jobs is not None:
            self._jobs.accept(request.id, request.payload)

    async def pause(self) -> None:
        """As the side does."""
        await self._side.pause()

    async def resume(self) -> None:
        """As the side does."""
        await self._side.resume()
