"""A Celery contender: workers with one kind of pool, and a client in the driver."""

import os
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

from harness import registry
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.workers import CeleryWorker, SeveralWorkers
from harness.contenders.contender import Assignment, Contender, Driven, Workers, WorkersPlace, even_part
from harness.contenders.settings.celery import WITHOUT_HIREDIS, CelerySetting, conf_of
from harness.contenders.sides.declaration import celery_side, task_module
from harness.errors import UsageError
from harness.results.model import LEAN
from harness.services.brokers.broker import RPC, BrokerPlace, BrokerService, kind_of
from harness.services.redis_url import SOCKET
from workloads.side import CelerySide
from workloads.workload import Workload


class CeleryPool(Contender):
    """Celery workers with one kind of pool, behind a broker and a result backend."""

    side = "celery"
    needs_broker = True
    pool: ClassVar[str]
    tuning: tuple[CelerySetting, ...]

    def slots(self, asked: int | None, where: str) -> int:
        """As Celery does: without a number, as many as there are CPUs."""
        return self._shared_by_workers(asked or os.cpu_count() or 1, where)

    def _shared_by_workers(self, slots: int, where: str) -> int:
        """The slots themselves; raises UsageError if there is not one for each worker."""
        if slots < self._several:
            raise UsageError(f"{where}: {self._several} workers need at least one slot each; got {slots} in all.")
        return slots

    @property
    def _several(self) -> int:
        """Worker processes that share the slots."""
        return max((setting.workers for setting in self.tuning), default=1)

    @property
    def sets_workers(self) -> bool:
        """The settings other than those of the client alone."""
        return any(setting.of_workers for setting in self.tuning)

    @property
    def _by_socket(self) -> bool:
        return any(setting.unix_socket for setting in self.tuning)

    def preload(self, workloads: list[str]) -> list[str]:
        """The client and the tasks, with what they import."""
        return ["harness.contenders.celery.clients", *map(task_module, workloads)]

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to the broker."""
        from harness.contenders.celery.clients import celery_client

        return celery_client(assignment)

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Chords count their parts in the result backend; some settings are for some work and some brokers only.

        Raises UsageError if the side is declared wrongly.
        """
        side = celery_side(workload)
        if self._by_socket and not (broker and broker.url.scheme == SOCKET):
            return "only a Redis that the run starts has a Unix socket"
        redis = broker is None or kind_of(broker.url) == "redis"
        if not redis and (named := [setting.name for setting in self.tuning if setting.redis_only]):
            return f"{' and '.join(named)}: a feature of the Redis transport"
        if (reason := self._cannot_publish(workload, side)) is not None:
            return reason
        if broker is not None and broker.backend == RPC and side.chords:
            return "a chord needs a result backend that stores results: --result-backend redis://…"
        return None

    def producer(self, workload: str, *, backlog: bool) -> str:
        """`apply_async`, `batch` or `lean`."""
        from harness.contenders.celery.producers import producer_of

        one_execution = registry.load("workload", workload).one_execution
        return producer_of(self.tuning, celery_side(workload), one_execution=one_execution, backlog=backlog)

    def _cannot_publish(self, workload: str, side: CelerySide) -> str | None:
        """Why the producer that was asked for cannot publish that work."""
        from harness.contenders.celery.producers import BATCH, why_not_batch, why_not_lean

        checks = {BATCH: why_not_batch, LEAN: why_not_lean}
        check = checks.get(self.producer(workload, backlog=False))
        return check and check(side, one_execution=registry.load("workload", workload).one_execution)

    def several(self, workload: str) -> bool:
        """A canvas, tasks that its caller publishes, or a task that is tried again; a scenario is none of these."""
        side = celery_side(workload)
        published = side.canvas is not None or side.request is not None
        return (published or side.several) and bool(registry.load("workload", workload).one_execution)

    def broker_place(self, broker: BrokerService) -> BrokerPlace:
        """By its Unix socket, where a setting asks for it and there is one."""
        return (broker.socket_place if self._by_socket else None) or broker.place

    def workers(self, slots: int | None, place: WorkersPlace) -> Workers:
        """One worker with this pool, or several that share the slots."""
        if place.external:
            return ExternalWorkers(self.pool, place)
        count, slots = self._several, self.slots(slots, self.name)
        if count == 1:
            return CeleryWorker(self.pool, slots, place, self.tuning)
        return SeveralWorkers(
            [
                CeleryWorker(self.pool, even_part(slots, index, count), place, self.tuning, f".{index + 1}")
                for index in range(count)
            ]
        )

    def settings(self, slots: int | None) -> dict[str, Any]:
        """Pool and slots, and the application's settings that decide what a task costs."""
        from celery_side.app import app
        from harness.contenders.celery.config import reported_settings

        changes = conf_of(self.tuning, worker=True)
        without = any(WITHOUT_HIREDIS in setting.env.get("PYTHONPATH", "") for setting in self.tuning)
        tuning = {"tuning": [setting.name for setting in self.tuning]} if self.tuning else {}
        return {
            "pool": self.pool,
            "slots": slots,
            **reported_settings(app, changes, hiredis=not without),
            "debug": False,
            **tuning,
        }
