"""The contender `celery-solo-bare` of `benchmarks.celery_own`: Celery with the settings of its own benchmark.

A solo worker without a result backend, on a queue without acknowledgements, of transient messages, with no limit to
what it fetches ahead. The worker is the harness's own (`harness.contenders.celery.worker`) with those settings.
"""

import asyncio
import base64
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from time import monotonic_ns
from typing import Any

import numpy as np
import redis

from harness.contenders.celery.config import configure
from harness.contenders.celery.pause import pause, resume
from harness.contenders.celery.pool import CeleryPool
from harness.contenders.celery.workers import CeleryWorker
from harness.contenders.contender import Assignment, Driven, Outcome, Request, WorkersPlace
from harness.contenders.sides.declaration import celery_side
from harness.machine.threads import in_thread
from harness.machine.usage import boot_id
from workloads.workload import Workload

BOOT_LIMIT_S = 60.0
PROBE_S = 0.5
POLL_S = 0.5
REPLY_LIMIT_S = 5.0

Resuming = Callable[[], Awaitable[None]]


class BareWorker(CeleryWorker):
    """The harness's worker, with another module to run."""

    module = "benchmarks._celery_bare_worker"

    @property
    def pid(self) -> int:
        """Its only process."""
        assert self._process is not None
        return self._process.pid


class BareClient:
    """Publishes, and now and then, once the queue is empty, asks the worker what it has executed."""

    def __init__(self, assignment: Assignment, resuming: Resuming) -> None:
        self._resuming = resuming
        assert assignment.broker is not None
        self._assignment = assignment
        self._app = configure(assignment.broker, assignment.queue)
        self._task = celery_side(assignment.workload).task
        self._pending: dict[int, asyncio.Future[tuple[int, int]]] = {}
        self._redis: Any = redis.Redis.from_url(assignment.broker.url.reveal())
        self._key = assignment.broker.key_prefix + assignment.queue
        self._boot_id = boot_id()

    async def submit(self, request: Request) -> Outcome:
        """Publish the task; it has ended once the worker says so."""
        self._publish(f"{self._assignment.trial}.{request.id}", request.payload)
        publish_end = monotonic_ns()
        future = self._pending[request.id] = asyncio.get_running_loop().create_future()
        try:
            start, end = await future
        finally:
            del self._pending[request.id]
        return Outcome(None, None, publish_end, start, end, boot_id=self._boot_id)

    def _publish(self, task_id: str, payload: dict[str, Any]) -> None:
        self._task.apply_async(
            kwargs=payload, queue=self._assignment.queue, task_id=task_id, ignore_result=True, delivery_mode=1
        )

    async def pause(self) -> None:
        """As any Celery contender."""
        await in_thread(pause, self._app, self._assignment.queue, self._assignment.workers, self._throw_away)

    async def resume(self) -> None:
        """As any Celery contender; the benchmark is told before."""
        await self._resuming()
        await in_thread(resume, self._app, self._assignment.queue, self._assignment.workers)

    def _throw_away(self) -> None:
        self._publish("throw-away", {})

    async def poll(self) -> None:
        """Settle what the worker has executed, for ever; costs the worker nothing while the queue holds anything."""
        while True:
            await asyncio.sleep(POLL_S)
            if self._pending and not self._redis.llen(self._key):
                for number, start, end in await in_thread(self._executed):
                    if (future := self._pending.get(number)) is not None and not future.done():
                        future.set_result((start, end))

    def _executed(self) -> list[list[int]]:
        """Number, start and end of what was executed since the last call."""
        replies = self._app.control.broadcast(
            "bare_stamps",
            arguments={"trial": self._assignment.trial},
            destination=self._assignment.workers,
            reply=True,
            timeout=REPLY_LIMIT_S,
            limit=1,
        )
        (answer,) = replies[0].values()  # type: ignore[index]  # a list, because of `reply`
        stamps: list[list[int]] = (
            np.frombuffer(zlib.decompress(base64.b64decode(answer)), np.int64).reshape(-1, 3).tolist()
        )
        return stamps


class CelerySoloBare(CeleryPool):
    """`celery worker --pool solo`, with the settings of Celery's own benchmark."""

    name = "celery-solo-bare"
    pool = "solo"
    summary = "the solo worker of Celery's own benchmark"

    def __init__(self, resuming: Resuming) -> None:
        self._resuming = resuming

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client that only publishes."""
        return _open(assignment, self._resuming)

    def workers(self, slots: int | None, place: WorkersPlace) -> BareWorker:
        """One worker."""
        return BareWorker(self.pool, 1, place)


@asynccontextmanager
async def _open(assignment: Assignment, resuming: Resuming) -> AsyncIterator[BareClient]:
    client = BareClient(assignment, resuming)
    polling = asyncio.create_task(client.poll())
    try:
        yield client
    finally:
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling
