"""Workers that the run starts: how the session starts, queries and stops them."""

import asyncio
from typing import Any, ClassVar

import msgspec

from harness.contenders.celery.answers import executed_of
from harness.contenders.celery.control import ask
from harness.contenders.celery.launcher import LAUNCHER
from harness.contenders.celery.quiet import quiet
from harness.contenders.contender import WorkersPlace
from harness.contenders.settings.celery_changes import env_of
from harness.contenders.settings.celery_setting import CelerySetting
from harness.errors import ServiceError
from harness.machine.halted import halt_of
from harness.machine.processes import how_it_ended, last_error, last_lines, python, spawn, stop_tree
from harness.machine.usage import Reading
from harness.recording.executed import Executed
from harness.results.model import Worker

BOOT_LIMIT_S = 60.0
BROKER_SILENT_S = 10.0
"""How long the broker may not answer meanwhile."""
STOPPED_S = 5.0
"""How long a signal may have stopped it."""
PROBE_S = 0.5
REPLY_LIMIT_S = 5.0


class CeleryWorker:
    """One worker process tree, with its own queue."""

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
        argv = python("-m", LAUNCHER, self.module, "worker")
        argv += ["--pool", self._pool, "--concurrency", str(self._slots)]
        argv += ["--hostname", self._name, "--queues", self._place.queue, "--loglevel", "WARNING"]
        argv += quiet()
        self._process = await spawn(argv, env=self._environment(), log=self._place.log)
        self._description = await self._first_answer()

    async def _first_answer(self) -> dict[str, Any]:
        """Its description; raises ServiceError if it ends, is stopped or does not answer, or the broker does not."""
        now = asyncio.get_running_loop().time
        begun_s = heard_s = now()
        while now() - begun_s <= BOOT_LIMIT_S:
            try:
                answer: dict[str, Any] | None = await self._ask("workbench_describe", limit_s=PROBE_S)
            except ServiceError:  # while many workers boot at once, a broker that answers may seem not to
                if now() - heard_s > BROKER_SILENT_S:
                    raise
            else:
                heard_s = now()
                if answer is not None:
                    return answer
            reason = self.dead() or (self.stopped() if now() - begun_s > STOPPED_S else None)
            if reason is not None:
                raise ServiceError(reason)
        raise ServiceError(
            f"the {self._pool} worker did not answer within {BOOT_LIMIT_S:g} s; its last lines:\n"
            + last_lines(self._place.log)
        )

    def _environment(self) -> dict[str, str]:
        from harness.contenders.celery.config import to_environment

        place = to_environment(
            self._place.broker, self._place.queue, [setting.name for setting in self._tuning], self._place.tasks
        )
        return place | env_of(self._tuning) | self._place.env

    async def ensure(self) -> None:
        """Start it again if it has died, or a signal has stopped it."""
        if self.stopped() is not None:
            await self.stop(0)
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

    async def executed(self, trial: int) -> Executed:
        """The executions that the worker recorded; raises ServiceError if it does not answer."""
        answer = await self._ask("workbench_executed", {"trial": trial}, REPLY_LIMIT_S)
        if answer is None:
            raise ServiceError(f"the {self._pool} worker did not report its executions within {REPLY_LIMIT_S:g} s")
        return executed_of(self._name, answer)

    def dead(self) -> str | None:
        """How it ended and its last lines; None while it runs."""
        if self._process is None or (ended := how_it_ended(self._process)) is None:
            return None
        why = f"{ended}{last_error(self._place.log, ended)}"
        return f"the {self._pool} worker has ended ({why}); its last lines:\n{last_lines(self._place.log)}"

    def processes(self) -> list[int]:
        """Its main process, while it runs."""
        running = self._process is not None and self._process.returncode is None
        return [self._process.pid] if running and self._process is not None else []

    def stopped(self) -> str | None:
        """Which process of its tree a signal has stopped."""
        return halt_of(self._process.pid, f"the {self._pool} worker") if self._process is not None else None

    async def silent(self) -> str | None:
        """None: its process can be seen."""
        return None

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """The worker, and the settings that it reported; nothing of one that never started."""
        answer = self._description
        if not answer:
            return [], {}
        worker = Worker(name=self._name, host=answer["host"], cpus=answer["cpus"], boot_id=answer["boot_id"])
        return [worker], answer["effective"]

    async def stop(self, grace_s: float) -> None:
        """Send SIGTERM: running tasks finish, prefetched messages return to the queue."""
        if self._process is not None:
            await stop_tree(self._process, grace_s)

    async def _ask(self, command: str, arguments: dict[str, Any] | None = None, limit_s: float = 1.0) -> Any:
        """The worker's answer to a remote-control command; None if none came in time."""
        return (await ask(self._place, command, arguments, [self._name], limit_s)).get(self._name)


class ChunkWorker(CeleryWorker):
    """Its tasks carry several payloads."""

    module: ClassVar[str] = "harness.contenders.celery.chunk_worker"
