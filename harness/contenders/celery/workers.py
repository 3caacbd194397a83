"""What the Celery contenders share: their workers as the session starts, questions and stops them."""

import asyncio
import base64
import os
import sys
import zlib
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness import registry
from harness.contenders.celery.control import ask
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.contender import Assignment, Contender, Driven, Workers, WorkersPlace, even_part
from harness.contenders.settings.celery import WITHOUT_HIREDIS, CelerySetting, conf_of, env_of
from harness.contenders.sides.declaration import celery_side, task_module
from harness.errors import ServiceError, UsageError
from harness.machine.processes import how_it_ended, last_lines, spawn, stop_tree
from harness.machine.usage import Reading, together
from harness.results.model import Worker
from harness.services.brokers.broker import RPC, BrokerPlace, BrokerService
from workloads.workload import Workload

BOOT_LIMIT_S = 60.0
PROBE_S = 0.5
REPLY_LIMIT_S = 5.0
SOCKET_SCHEME = "redis+socket:"


class CeleryPool(Contender):
    """Celery workers with one kind of pool, behind a broker and a result backend."""

    side = "celery"
    needs_broker = True
    pool: ClassVar[str]
    tuning: tuple[CelerySetting, ...]

    def slots(self, asked: int | None, where: str) -> int:
        """As Celery does: without a number, as many as there are CPUs."""
        slots = asked or os.cpu_count() or 1
        if slots < self._several:
            raise UsageError(f"{where}: {self._several} workers need a slot each; got {slots}.")
        return slots

    @property
    def _several(self) -> int:
        """Worker processes that share the slots."""
        return max((one.workers for one in self.tuning), default=1)

    @property
    def sets_workers(self) -> bool:
        """All but what the client does by itself."""
        return any(one.of_workers for one in self.tuning)

    @property
    def _batches(self) -> bool:
        return any(one.batch for one in self.tuning)

    def preload(self, workloads: list[str]) -> list[str]:
        """The client and the tasks, with what they import."""
        return ["harness.contenders.celery.clients", *map(task_module, workloads)]

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to the broker."""
        from harness.contenders.celery.clients import celery_client

        return celery_client(assignment)

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Chords count their parts in the result backend; some settings are for some work and some brokers only.

        Raises UsageError where the side is declared wrongly.
        """
        side = celery_side(workload)
        if any(one.unix_socket for one in self.tuning) and not (broker and broker.url.startswith(SOCKET_SCHEME)):
            return "a Unix socket is had from a Redis of the run's own alone"
        redis = broker is None or broker.url.startswith("redis")
        if not redis and (named := [one.name for one in self.tuning if one.redis_only]):
            return f"{' and '.join(named)}: a feature of the Redis transport"
        if self._batches and not (side.is_one_task and registry.load("workload", workload).one_execution):
            return "batches are of plain requests: this work's caller publishes its tasks in its own way"
        if broker is not None and broker.backend == RPC and side.chords:
            return "a chord needs a result backend that keeps results: --result-backend redis://…"
        return None

    def several(self, workload: str) -> bool:
        """A canvas, tasks that its caller publishes, or a task that is tried again; a scenario is none of these."""
        side = celery_side(workload)
        published = side.canvas is not None or side.request is not None
        return (published or side.several) and bool(registry.load("workload", workload).one_execution)

    def broker_place(self, broker: BrokerService) -> BrokerPlace:
        """By its Unix socket, where a setting says so and it has one."""
        by_socket = any(one.unix_socket for one in self.tuning)
        return (broker.socket_place if by_socket else None) or broker.place

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
        without = any(WITHOUT_HIREDIS in one.env.get("PYTHONPATH", "") for one in self.tuning)
        tuning = {"tuning": [one.name for one in self.tuning]} if self.tuning else {}
        return {
            "pool": self.pool,
            "slots": slots,
            **reported_settings(app, changes, hiredis=not without),
            "debug": False,
            **tuning,
        }


class CeleryWorker:
    """One worker process tree, on a queue of its own."""

    module: ClassVar[str] = "harness.contenders.celery.worker"
    """What the worker runs."""

    def __init__(
        self, pool: str, slots: int, place: WorkersPlace, tuning: tuple[CelerySetting, ...] = (), suffix: str = ""
    ) -> None:
        self._pool = pool
        self._slots = slots
        self._place = place
        self._tuning = tuning
        self._name = f"{place.queue}{suffix}@workbench"
        self._process: asyncio.subprocess.Process | None = None
        self._description: dict[str, Any] = {}

    async def start(self) -> None:
        """Start it and wait until it answers a remote-control command."""
        argv = [sys.executable, "-m", "celery", "-A", self.module, "worker"]
        argv += ["--pool", self._pool, "--concurrency", str(self._slots)]
        argv += ["--hostname", self._name, "--queues", self._place.queue, "--loglevel", "WARNING"]
        # Nothing that only costs: these talk to other workers, of which there are none to hear it.
        argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        from harness.contenders.celery.config import to_environment

        told = to_environment(self._place.broker, self._place.queue, [one.name for one in self._tuning])
        env = told | env_of(self._tuning) | self._place.env
        self._process = await spawn(argv, env=env, log=self._place.log)
        deadline = asyncio.get_running_loop().time() + BOOT_LIMIT_S
        while (answer := await self._ask("workbench_describe", limit_s=PROBE_S)) is None:
            if (ended := self.dead()) is not None:
                raise ServiceError(ended)
            if asyncio.get_running_loop().time() > deadline:
                raise ServiceError(
                    f"the {self._pool} worker did not answer within {BOOT_LIMIT_S:g} s; its last lines:\n"
                    + last_lines(self._place.log)
                )
        self._description = answer

    async def ensure(self) -> None:
        """Start it again if it has died."""
        if self.dead() is not None:
            await self.start()

    async def reading(self, *, memory: bool) -> Reading:
        """Usage of the tree, as the worker itself reports it."""
        if (died := self.dead()) is not None:
            raise ServiceError(died)
        answer = await self._ask("workbench_reading", {"memory": memory}, REPLY_LIMIT_S)
        if answer is None:
            raise ServiceError(f"the {self._pool} worker did not report its usage within {REPLY_LIMIT_S:g} s")
        return msgspec.convert(answer, Reading)

    async def executed(self, trial: int) -> NDArray[np.int64]:
        """As the worker noted them; raises ServiceError where it does not answer."""
        answer = await self._ask("workbench_executed", {"trial": trial}, REPLY_LIMIT_S)
        if answer is None:
            raise ServiceError(f"the {self._pool} worker did not report its executions within {REPLY_LIMIT_S:g} s")
        return np.frombuffer(zlib.decompress(base64.b64decode(answer)), dtype=np.int64)

    def dead(self) -> str | None:
        """How it ended and its last lines; None while it runs."""
        if self._process is None or (ended := how_it_ended(self._process)) is None:
            return None
        return f"the {self._pool} worker has ended ({ended}); its last lines:\n{last_lines(self._place.log)}"

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """Itself, and the settings that it reported."""
        answer = self._description
        worker = Worker(name=self._name, host=answer["host"], cpus=answer["cpus"], boot_id=answer["boot_id"])
        return [worker], answer["effective"]

    async def stop(self, grace_s: float) -> None:
        """SIGTERM: what runs is finished, what was prefetched goes back to the queue."""
        if self._process is not None:
            await stop_tree(self._process, grace_s)

    async def _ask(self, command: str, arguments: dict[str, Any] | None = None, limit_s: float = 1.0) -> Any:
        """The worker's answer to a remote-control command; None where none came in time."""
        return (await ask(self._place, command, arguments, [self._name], limit_s)).get(self._name)


class SeveralWorkers:
    """Workers that take from one queue, as one."""

    def __init__(self, workers: list[CeleryWorker]) -> None:
        self._workers = workers

    async def start(self) -> None:
        """All at once."""
        await asyncio.gather(*(one.start() for one in self._workers))

    async def ensure(self) -> None:
        """Start those again that have died."""
        await asyncio.gather(*(one.ensure() for one in self._workers))

    async def reading(self, *, memory: bool) -> Reading:
        """The usage of all."""
        return together(await asyncio.gather(*(one.reading(memory=memory) for one in self._workers)))

    async def executed(self, trial: int) -> NDArray[np.int64]:
        """By any of them."""
        return np.concatenate(await asyncio.gather(*(one.executed(trial) for one in self._workers)))

    def dead(self) -> str | None:
        """How the first of them ended."""
        return next(filter(None, (one.dead() for one in self._workers)), None)

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """Each; the settings that they share, and the slots of all."""
        told = [one.described() for one in self._workers]
        slots = sum(effective["slots"] for _, effective in told)
        return [worker for workers, _ in told for worker in workers], told[0][1] | {"slots": slots}

    async def stop(self, grace_s: float) -> None:
        """All at once."""
        await asyncio.gather(*(one.stop(grace_s) for one in self._workers))
