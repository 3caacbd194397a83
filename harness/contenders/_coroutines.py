"""What the asyncio contenders share: the coroutine is awaited in the driver's own event loop."""

import asyncio
import importlib
import platform
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic_ns
from typing import Any

from harness.contender import Assignment, Contender, Outcome, Request
from harness.usage import boot_id
from workloads.workload import Workload

Work = Callable[..., Awaitable[Any]]


class Coroutines(Contender):
    """Runs the coroutine of `asyncio_side`; `slots` limit how many run at once, by a semaphore."""

    side = "asyncio"

    def preload(self, workloads: list[str]) -> list[str]:
        """The coroutines, with what they import."""
        return [type(self).__module__, *(f"asyncio_side.{name}" for name in workloads)]

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator["InProcess"]:
        """Open what the coroutine shares between requests (an HTTP session), if anything."""
        module = importlib.import_module(f"asyncio_side.{assignment.workload}")
        work: Work = getattr(module, assignment.workload)
        if not hasattr(module, "resources"):
            yield InProcess(work, assignment.slots)
            return
        async with module.resources(assignment.slots) as shared:
            yield InProcess(partial(work, shared), assignment.slots)


class InProcess:
    """Awaits the coroutine; waiting for a slot is its queue."""

    def __init__(self, work: Work, slots: int | None) -> None:
        self._work = work
        self._slots = None if slots is None else asyncio.Semaphore(slots)
        self._host = platform.node()
        self._boot_id = boot_id()

    async def submit(self, request: Request) -> Outcome:
        """Run the work; publishing takes no time, so its end is left at 0."""
        if self._slots is None:
            return await self._run(request)
        async with self._slots:
            return await self._run(request)

    async def _run(self, request: Request) -> Outcome:
        start = monotonic_ns()
        try:
            reply = await self._work(**request.payload)
        except Exception as error:
            return Outcome(None, describe(error), 0, start, monotonic_ns(), self._host, self._boot_id)
        return Outcome(reply, None, 0, start, monotonic_ns(), self._host, self._boot_id)


def describe(error: BaseException) -> str:
    """An error in one line, as `Kind: text`."""
    return f"{type(error).__name__}: {error}"
