"""Tasks whose body is the asyncio side's coroutine, run on one event loop a worker process."""

import asyncio
import json
from contextlib import AsyncExitStack
from functools import cache
from time import monotonic_ns
from typing import Any

from celery_side.app import app
from celery_side.event_loop import EventLoop
from celery_side.process import Shared, slots
from harness.contenders.celery.chunks import Chunk, Note, Ran
from harness.contenders.contender import attempt
from harness.contenders.sides.declaration import asyncio_side
from harness.contenders.sides.opening import opened
from workloads.side import AsyncioSide, CelerySide, Work
from workloads.workload import Payload

RESOURCES = "workbench_resources"
"""Argument with what the coroutine's `resources` are opened with, where a workload sets any."""


@cache
def coroutine_side(workload: str) -> CelerySide:
    """The asyncio side of that workload as a task of the application, whose name begins with `coroutine.`.

    Only a worker imports it, to execute it.
    """
    shared = Shared(lambda: OnLoop(asyncio_side(workload), workload), OnLoop.close)

    def run(**payload: Any) -> Any:
        return shared.get().run(payload.pop(RESOURCES, {}), payload)

    return CelerySide(task=app.task(name=f"coroutine.{workload}", typing=False)(run))


def together(workload: str, note: Note) -> Chunk:
    """The coroutine of that workload for each payload, all on the loop; at once as many as the process has slots."""
    shared = Shared(lambda: OnLoop(asyncio_side(workload), workload), OnLoop.close)

    def run(ids: list[str], payloads: list[Payload]) -> list[Ran]:
        return shared.get().run_all(ids, payloads, note)

    return run


class OnLoop:
    """The event loop of a process, and what the coroutine shares between requests."""

    def __init__(self, side: AsyncioSide, workload: str) -> None:
        self._side = side
        self._workload = workload
        self._loop = EventLoop()
        self._shared = AsyncExitStack()
        self._opening: dict[str, asyncio.Task[Work]] = {}
        self._slots = asyncio.Semaphore(slots())

    def run(self, resources: dict[str, Any], payload: dict[str, Any]) -> Any:
        """The coroutine's reply; the calling thread waits."""
        return self._loop.run(self._run(resources, payload))

    def run_all(self, ids: list[str], payloads: list[Payload], note: Note) -> list[Ran]:
        """What comes of each payload; the calling thread waits."""
        return self._loop.run(self._run_all(ids, payloads, note))

    async def _run_all(self, ids: list[str], payloads: list[Payload], note: Note) -> list[Ran]:
        return await asyncio.gather(*(self._ran(*each, note) for each in zip(ids, payloads, strict=True)))

    async def _ran(self, task_id: str, payload: Payload, note: Note) -> Ran:
        """In a slot: the tasks of all threads share them."""
        async with self._slots:
            note(task_id)
            began_ns = monotonic_ns()
            reply, error = await attempt(self._run(payload.pop(RESOURCES, {}), payload))
            return Ran(reply, error, began_ns, monotonic_ns())

    async def _run(self, resources: dict[str, Any], payload: Payload) -> Any:
        key = json.dumps(resources, sort_keys=True)
        if key not in self._opening:
            self._opening[key] = asyncio.create_task(self._open(resources))
        work = await self._opening[key]
        return await work(**payload)

    async def _open(self, resources: dict[str, Any]) -> Work:
        return await self._shared.enter_async_context(opened(self._side, self._workload, slots(), resources))

    def close(self) -> None:
        """Close what is shared, then the loop."""
        self._loop.run(self._shared.aclose())
        self._loop.close()
