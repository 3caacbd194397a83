"""A Celery contender: workers with one kind of pool, and a client in the driver."""

import os
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, ClassVar, Literal

import msgspec

from harness import registry
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.lanes import queues_of
from harness.contenders.celery.workers import CeleryWorker, ChunkWorker
from harness.contenders.contender import (
    BOUNDARY,
    CELERY,
    QUEUE,
    STYLE,
    Assignment,
    Contender,
    Driven,
    Workers,
    WorkersPlace,
    even_part,
)
from harness.contenders.queues.several import SeveralWorkers
from harness.contenders.settings.celery_changes import chunk_of, chunk_settings, conf_of
from harness.contenders.settings.celery_setting import CHUNK, WITHOUT_HIREDIS, CelerySetting
from harness.contenders.sides.declaration import celery_side, lacks, not_importable, source, without
from harness.errors import UsageError
from harness.jobs import registered
from harness.jobs.spec import Facts, OwnJob
from harness.results.cells import CHANGED, TASK
from harness.results.model import LEAN, Promise
from harness.services.brokers.broker import RPC, BrokerPlace, BrokerService, kind_of
from harness.services.redis_url import SOCKET
from workloads.side import CelerySide
from workloads.workload import Workload

WITHOUT_LIMITS, TIME_LIMIT = ("threads", "solo"), "task_time_limit"
"""Pools that ignore a hard time limit without a word."""


def asked_of(facts: Facts) -> dict[str, Any]:
    """What the results say of a job's own application, and of its task."""
    return {
        "application": facts.app,
        **{f"{TASK}{option}": value for option, value in facts.task_options.items()},
        **{f"{CHANGED}{setting}": theirs for setting, (theirs, _) in facts.changed.items()},
    }


class CeleryPool(Contender):
    """Celery workers with one kind of pool, behind a broker and a result backend."""

    side = "celery"
    body: ClassVar[Literal["asyncio", "celery"]] = "celery"
    needs_broker = True
    parts: ClassVar[tuple[str, ...]] = (BOUNDARY, QUEUE, CELERY, STYLE)
    usual_promise: ClassVar[Promise] = "at most once"
    is_noted = True
    pool: ClassVar[str]
    requires: ClassVar[tuple[str, ...]] = ()
    """Modules that only this pool needs."""
    answers_for_revoked: ClassVar[tuple[int, int]] = (0, 0)
    """Celery with which each waiting task that is revoked was seen to get an answer on this pool."""
    tuning: tuple[CelerySetting, ...]

    def side_of(self, workload: str) -> CelerySide:
        """What it publishes for that work; raises UsageError if the side is declared wrongly."""
        return celery_side(workload)

    def own_of(self, workload: str) -> OwnJob | None:
        """The job of the user's own whose task it publishes in an application of its own; None if it is none."""
        return registered.find(workload)

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

    def bodies(self, drivers: int, shards: int) -> int:
        """Its workers on all shards; what a prefork worker's children share is nothing."""
        return shards * self._several

    @property
    def _queues(self) -> int:
        """Queues, which the workers share out."""
        return max((setting.queues for setting in self.tuning), default=1)

    def queues(self, queue: str) -> list[str]:
        """One for each kind of job, where a setting says so."""
        return queues_of(queue, self._queues)

    @property
    def sets_workers(self) -> bool:
        """The settings other than those of the client alone."""
        return any(setting.of_workers for setting in self.tuning)

    @property
    def worker(self) -> type[CeleryWorker]:
        """What executes its tasks."""
        return ChunkWorker if chunk_of(self.tuning) else CeleryWorker

    @property
    def _by_socket(self) -> bool:
        return any(setting.unix_socket for setting in self.tuning)

    def preload(self, workloads: list[str]) -> list[str]:
        """The client and the tasks, with what they import."""
        return ["harness.contenders.celery.clients", *(source(workload, "celery") for workload in workloads)]

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to the broker."""
        from harness.contenders.celery.clients import celery_client

        return celery_client(assignment)

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Chords count their parts in the result backend; some settings are for some work and some brokers only.

        Raises UsageError if the side is declared wrongly.
        """
        if (reason := self._lacks(workload)) is not None:
            return reason
        own = self.own_of(workload)
        chords = self.side_of(workload).chords if own is None else own.facts.chords
        if self._by_socket and not (broker and broker.url.scheme == SOCKET):
            return "no Unix socket: a Redis that the run starts has one, if TMPDIR is a short path"
        redis = broker is None or kind_of(broker.url) == "redis"
        if not redis and (named := [setting.name for setting in self.tuning if setting.redis_only]):
            return f"{' and '.join(named)}: a feature of the Redis transport"
        if redis and (named := [setting.name for setting in self.tuning if setting.rabbitmq_only]):
            return f"{' and '.join(named)}: a feature of RabbitMQ"
        if (reason := self._without_effect(workload)) is not None:
            return reason
        if own is None and self.side_of(workload).stop is not None and (reason := self._too_old_to_revoke()):
            return reason
        if (reason := self._cannot_publish(workload)) is not None:
            return reason
        if broker is not None and broker.backend == RPC and chords:
            return "a chord needs a result backend that stores results: --result-backend redis://…"
        return None

    def _without_effect(self, workload: str) -> str | None:
        """Which setting would change nothing here: ignored by this pool, or made for other work."""
        if self.pool in WITHOUT_LIMITS and TIME_LIMIT in conf_of(self.tuning, worker=True):
            return f"the {self.pool} pool ignores time limits"
        if self._queues > 1 and (self.own_of(workload) is not None or self.side_of(workload).lane is None):
            return "one kind of job has one queue: mix has several"
        return None

    def _lacks(self, workload: str) -> str | None:
        """What is not there: the task, or what it or the pool imports."""
        install = f"pip install {' '.join(self.requires)}"
        if (reason := lacks(workload, self.body) or without(self.requires, install)) is not None:
            return reason
        return None if self.own_of(workload) else not_importable(lambda: self.side_of(workload))

    def _too_old_to_revoke(self) -> str | None:
        installed = version("celery")
        if tuple(map(int, installed.split(".")[:2])) >= self.answers_for_revoked:
            return None
        since = ".".join(map(str, self.answers_for_revoked))
        return f"waiting tasks that are revoked on {self.pool} need Celery {since}: {installed} leaves some unanswered"

    def producer(self, workload: str, *, backlog: bool) -> str:
        """`apply_async`, `batch`, `chunk` or `lean`."""
        from harness.contenders.celery.producers import producer_asked, producer_of

        if self.own_of(workload) is not None or self._lacks(workload) is not None:
            return producer_asked(self.tuning)
        one_execution = registry.load("workload", workload).one_execution
        return producer_of(self.tuning, self.side_of(workload), one_execution=one_execution, backlog=backlog)

    def _cannot_publish(self, workload: str) -> str | None:
        """Why the producer that was asked for cannot publish that work."""
        from harness.contenders.celery.producers import BATCH, why_not_batch, why_not_chunk, why_not_lean, why_not_own

        own = self.own_of(workload)
        if own is not None:
            return why_not_own(self.producer(workload, backlog=False), plain=own.facts.plain)
        side = self.side_of(workload)
        checks = {BATCH: why_not_batch, LEAN: why_not_lean, CHUNK: why_not_chunk}
        check = checks.get(self.producer(workload, backlog=False))
        return check and check(side, one_execution=registry.load("workload", workload).one_execution)

    def several(self, workload: str) -> bool:
        """A canvas, tasks that its caller publishes, or a task that is tried again; a scenario is none of these."""
        own = self.own_of(workload)
        if own is not None:
            return own.facts.several
        if self._lacks(workload) is not None:
            return False
        side = self.side_of(workload)
        published = side.canvas is not None or side.request is not None
        return (published or side.several) and bool(registry.load("workload", workload).one_execution)

    def broker_place(self, broker: BrokerService) -> BrokerPlace:
        """By its Unix socket, where a setting asks for it and there is one."""
        return (broker.socket_place if self._by_socket else None) or broker.place

    def workers(self, slots: int | None, place: WorkersPlace) -> Workers:
        """One worker with this pool, or several that share the slots."""
        if place.terms is not None:
            return ExternalWorkers(self.pool, place, place.terms)
        count, slots = self._several, self.slots(slots, self.name)
        if count == 1:
            return self.worker(self.pool, slots, place, self.tuning)
        return SeveralWorkers(
            [
                self.worker(self.pool, even_part(slots, index, count), at, self.tuning, f".{index + 1}")
                for index, at in enumerate(self._places(place, count))
            ]
        )

    def _places(self, place: WorkersPlace, workers: int) -> list[WorkersPlace]:
        """Where each worker is: they take from the queues in turn."""
        queues = self.queues(place.queue)
        return [msgspec.structs.replace(place, queue=queues[index % len(queues)]) for index in range(workers)]

    def settings(self, slots: int | None, workload: str) -> dict[str, Any]:
        """Pool and slots, and the application's settings that decide what a task costs."""
        from harness.contenders.celery.config import reported_settings, tuned_settings

        changes = conf_of(self.tuning, worker=True)
        hiredis = not any(WITHOUT_HIREDIS in setting.env.get("PYTHONPATH", "") for setting in self.tuning)
        own = self.own_of(workload)
        if own is None:
            from celery_side.app import app

            reported = reported_settings(app, changes, hiredis=hiredis)
        else:
            reported = tuned_settings(own.facts.settings, changes, hiredis=hiredis) | asked_of(own.facts)
        tuning = {"tuning": [setting.name for setting in self.tuning]} if self.tuning else {}
        return {"pool": self.pool, "slots": slots, **reported, "debug": False, **chunk_settings(self.tuning), **tuning}
