"""What references have in common: the asyncio side's coroutine in a worker process of its own, behind a Redis."""

import os
from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, NamedTuple

from harness import registry
from harness.contenders.contender import Assignment, Contender, Driven, Workers, WorkersPlace
from harness.contenders.sides.declaration import absent, coroutine_cannot, install, without
from harness.services.brokers.broker import BrokerPlace, kind_of
from workloads.workload import Workload

INSTALL = install("queues")


class Answers(NamedTuple):
    """What its row says of acknowledgements and results."""

    acknowledged: str
    results: str
    """How they are waited for."""
    serializer: str = "json"


class QueueReference(Contender):
    """A queue that is not Celery: what it adds to a coroutine, and what Celery adds to it."""

    side = "reference"
    body = "asyncio"
    needs_broker = True
    not_external = "its worker is started by the run"
    package: ClassVar[str]
    """Where its client and its worker are: `client.py` with `queue_client`, and `worker.py`."""
    requires: ClassVar[tuple[str, ...]] = ()
    """Modules of the extra `queues`."""
    answers: ClassVar[Answers]

    def slots(self, asked: int | None, where: str) -> int:
        """As Celery does: without a number, as many as there are CPUs."""
        return asked or os.cpu_count() or 1

    def preload(self, workloads: list[str]) -> list[str]:
        """The client; the coroutines run in the worker."""
        return [] if absent(self.requires) else [f"{self.package}.client"]

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """It needs Redis, and can neither start nor stop a scenario's jobs. Raises UsageError for a wrong side."""
        if (reason := without(self.requires, INSTALL) or coroutine_cannot(workload)) is not None:
            return reason
        if broker is not None and kind_of(broker.url) != "redis":
            return f"{self.name} is measured with Redis alone"
        if not registry.load("workload", workload).one_execution:
            return f"a scenario's jobs cannot be stopped behind {self.name}"
        return None

    @abstractmethod
    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to Redis."""

    def workers(self, slots: int | None, place: WorkersPlace) -> Workers:
        """One process with one event loop."""
        from harness.contenders.queues.workers import QueueWorker

        slots = self.slots(slots, self.name)
        return QueueWorker(f"{self.package}.worker", slots, place, self._said(slots))

    def settings(self, slots: int | None, workload: str) -> dict[str, Any]:
        """The slots, and what it promises."""
        return self._said(slots)

    def _said(self, slots: int | None) -> dict[str, Any]:
        return {"slots": slots, "delivery": self.promise, **self.answers._asdict()}
