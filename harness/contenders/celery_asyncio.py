"""celery-asyncio: asyncio inside Celery; the tasks run the asyncio side's coroutine on one event loop a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from harness import registry
from harness.contenders.celery.coroutine_workers import CoroutineWorker
from harness.contenders.celery.pool import CeleryPool
from harness.contenders.celery.workers import CeleryWorker
from harness.contenders.contender import BOUNDARY, CELERY, QUEUE, Assignment, Driven, Outcome, Request
from harness.contenders.sides.declaration import coroutine_cannot, source
from harness.services.brokers.broker import BrokerPlace
from workloads.side import CelerySide
from workloads.workload import Workload


class CeleryAsyncio(CeleryPool):
    """`celery worker --pool threads`, whose threads only wait: it isolates the style of the body."""

    name = "celery-asyncio"
    body = "asyncio"
    pool = "threads"
    parts = (BOUNDARY, QUEUE, CELERY)
    not_external = "its workers are started by the run"
    summary = "worker with threads that wait for coroutines on one event loop: the asyncio side's body inside Celery"

    @property
    def worker(self) -> type[CeleryWorker]:
        """One with an event loop."""
        return CoroutineWorker

    def side_of(self, workload: str) -> CelerySide:
        """The coroutine as a task."""
        from harness.contenders.celery.coroutine_tasks import coroutine_side

        return coroutine_side(workload)

    def own_of(self, workload: str) -> None:
        """A job of the user's own runs its coroutine in the workbench's application, not its task in its own."""
        return

    def preload(self, workloads: list[str]) -> list[str]:
        """The client, and the coroutines that the tasks are made of."""
        return [
            "harness.contenders.celery.clients",
            "harness.contenders.celery.coroutine_tasks",
            *(source(workload, "asyncio") for workload in workloads),
        ]

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """A scenario's jobs are stopped in ways of each side's own."""
        if not registry.load("workload", workload).one_execution:
            return "a scenario's jobs are started and stopped as each side does"
        return coroutine_cannot(workload) or super().cannot(workload, broker)

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Driven]:
        """Connect a client to the broker."""
        from harness.contenders.celery.clients import client_of
        from harness.contenders.celery.coroutine_tasks import RESOURCES

        async with client_of(assignment, self.side_of(assignment.workload)) as client:
            resources = workload.resources()
            yield Adding(client, {RESOURCES: resources}) if resources else client


class Adding:
    """A client whose payloads have more arguments."""

    def __init__(self, client: Driven, added: dict[str, Any]) -> None:
        self._client = client
        self._added = added
        self.pause = client.pause
        self.resume = client.resume

    async def submit(self, request: Request) -> Outcome:
        """Submit it with these too."""
        return await self._client.submit(Request(request.id, request.payload | self._added))


CONTENDER = CeleryAsyncio()
