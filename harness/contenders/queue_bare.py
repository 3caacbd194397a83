"""queue-bare: a reference; the asyncio side's coroutine in a process of its own, behind two lists in Redis."""

import os
from contextlib import AbstractAsyncContextManager
from typing import Any

from harness import registry
from harness.contenders.contender import BOUNDARY, Assignment, Contender, Driven, Workers, WorkersPlace
from harness.contenders.sides.declaration import asyncio_side, lacks
from harness.jobs import registered
from harness.services.brokers.broker import BrokerPlace, kind_of
from workloads.workload import Workload


class QueueBare(Contender):
    """The process boundary and the broker alone: no retries, no acknowledgements, no routing."""

    name = "queue-bare"
    side = "reference"
    body = "asyncio"
    needs_broker = True
    parts = (BOUNDARY,)
    not_external = "its worker is started by the run"
    summary = "reference: the coroutine in a worker process behind two bare Redis lists; the least a queue can cost"

    def slots(self, asked: int | None, where: str) -> int:
        """As Celery does: without a number, as many as there are CPUs."""
        return asked or os.cpu_count() or 1

    def preload(self, workloads: list[str]) -> list[str]:
        """The client; the coroutines run in the worker."""
        return ["harness.contenders.bare_queue.client"]

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """It needs Redis, and can neither start nor stop a scenario's jobs. Raises UsageError for a wrong side."""
        if (reason := lacks(workload, "asyncio")) is not None:
            return reason
        if registered.find(workload) is None:
            asyncio_side(workload)
        if broker is not None and kind_of(broker.url) != "redis":
            return "its two lists are Redis's"
        if not registry.load("workload", workload).one_execution:
            return "a scenario's jobs cannot be stopped behind a bare queue"
        return None

    def producer(self, workload: str, *, backlog: bool) -> str:
        """One LPUSH a request."""
        return "lpush"

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to Redis."""
        from harness.contenders.bare_queue.client import queue_client

        return queue_client(assignment, workload.resources())

    def workers(self, slots: int | None, place: WorkersPlace) -> Workers:
        """One process with one event loop."""
        from harness.contenders.bare_queue.workers import QueueWorker

        return QueueWorker(self.slots(slots, self.name), place)

    def settings(self, slots: int | None, workload: str) -> dict[str, Any]:
        """The slots, and what it promises."""
        return {"slots": slots, "delivery": "at most once"}


CONTENDER = QueueBare()
