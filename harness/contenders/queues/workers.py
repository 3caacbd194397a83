"""The worker process of a queue, as the session sees it."""

import asyncio
import contextlib
import platform
import socket
from typing import Any

import msgspec

from harness.contenders.contender import WorkersPlace
from harness.contenders.queues.messages import ENVIRONMENT, Answer, Place, Question
from harness.errors import ServiceError
from harness.machine.cores import cores
from harness.machine.deadline import in_time
from harness.machine.halted import halt_of
from harness.machine.processes import how_it_ended, last_error, last_lines, python, spawn, stop_tree
from harness.machine.usage import Reading, boot_id
from harness.recording.executed import Executed
from harness.results.model import Worker
from harness.services.redis_url import for_redis_py

BOOT_LIMIT_S = 60.0
ANSWER_LIMIT_S = 5.0
LINE_MOST = 1 << 28


class QueueWorker:
    """One process, which answers on a socket of its own."""

    def __init__(self, module: str, slots: int, place: WorkersPlace, settings: dict[str, Any]) -> None:
        """`module`: what it runs; `settings`: with which it takes from its queue."""
        self._module = module
        self._slots = slots
        self._place = place
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
        self._asking = asyncio.Lock()
        self._python = ""

    async def start(self) -> None:
        """Start it and wait until it answers; raises ServiceError with its last lines."""
        mine, its = socket.socketpair()
        with its:
            place = Place(
                url=for_redis_py(self._place.broker.url),
                key_prefix=self._place.broker.key_prefix,
                queue=self._place.queue,
                slots=self._slots,
                tasks=list(self._place.tasks),
                control=its.fileno(),
            )
            env = self._place.env | {ENVIRONMENT: msgspec.json.encode(place).decode()}
            self._process = await spawn(
                python("-m", self._module), pass_fds=(its.fileno(),), env=env, log=self._place.log
            )
        self._streams = await asyncio.open_unix_connection(sock=mine, limit=LINE_MOST)
        self._python = (await self._ask(Question(), BOOT_LIMIT_S)).python

    async def _ask(self, question: Question, limit_s: float = ANSWER_LIMIT_S) -> Answer:
        reader, writer = self._streams
        async with self._asking:
            writer.write(msgspec.json.encode(question) + b"\n")
            try:
                line = await in_time(limit_s, reader.readline())
            except TimeoutError:
                raise ServiceError(f"the queue's worker did not answer within {limit_s:g} s") from None
            except OSError as error:
                raise ServiceError(f"the queue's worker does not answer: {error}") from None
        if not line:
            await self._ended()
        return msgspec.json.decode(line, type=Answer)

    async def _ended(self) -> None:
        """Raise ServiceError with how it ended."""
        if self._process is not None:
            with contextlib.suppress(TimeoutError):  # it has closed its connection, and lives on
                await in_time(ANSWER_LIMIT_S, self._process.wait())
        raise ServiceError(self.dead() or "the queue's worker has closed its connection")

    async def ensure(self) -> None:
        """Start it again if it has died, or a signal has stopped it."""
        if self.stopped() is not None:
            await self.stop(0)
        if self.dead() is not None:
            self._streams[1].close()
            await self.start()

    async def reading(self, *, memory: bool) -> Reading:
        """Usage of its process tree, as it reads it itself."""
        if (died := self.dead()) is not None:
            raise ServiceError(died)
        return msgspec.convert((await self._ask(Question(usage=True, memory=memory))).usage, Reading)

    async def executed(self, trial: int) -> Executed:
        """The numbers of that trial's requests that it has begun to execute."""
        import numpy as np  # in a driver, whose memory is measured, it would take 10 MB

        return Executed(np.array((await self._ask(Question(executed=trial))).executed, dtype=np.int64))

    def dead(self) -> str | None:
        """How it ended and its last lines; None while it runs."""
        if self._process is None or (ended := how_it_ended(self._process)) is None:
            return None
        why = f"{ended}{last_error(self._place.log, ended)}"
        return f"the queue's worker has ended ({why}); its last lines:\n{last_lines(self._place.log)}"

    def processes(self) -> list[int]:
        """Its process, while it runs."""
        running = self._process is not None and self._process.returncode is None
        return [self._process.pid] if running and self._process is not None else []

    def stopped(self) -> str | None:
        """Which process of its tree a signal has stopped."""
        return halt_of(self._process.pid, "the queue's worker") if self._process is not None else None

    async def silent(self) -> str | None:
        """None: its process can be seen."""
        return None

    def described(self) -> tuple[list[Worker], dict[str, Any]]:
        """The worker, and the settings with which it was started; nothing of one that never started."""
        if not self._python:
            return [], {}
        worker = Worker(name=self._place.queue, host=platform.node(), cpus=cores(), boot_id=boot_id())
        return [worker], {**self._settings, "python": self._python}

    async def stop(self, grace_s: float) -> None:
        """Send SIGTERM: what runs may end."""
        if self._process is not None:
            await stop_tree(self._process, grace_s)
            self._streams[1].close()
