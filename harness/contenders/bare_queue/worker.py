"""`python -m harness.contenders.bare_queue.worker`: takes requests from a list in Redis and runs the coroutines.

At most once: a request that was taken is gone with this process. Nothing is retried.
"""

import asyncio
import json
import os
import platform
import signal
import socket
import sys
from array import array
from collections import defaultdict
from contextlib import AsyncExitStack
from time import monotonic_ns
from typing import Any
from urllib.parse import urlsplit

import msgspec
from redis import exceptions as redis_errors
from redis.asyncio import Redis

from harness import registry
from harness.contenders.bare_queue.client import WAIT_S
from harness.contenders.bare_queue.messages import ENVIRONMENT, Answer, Asked, Place, Question, Replied
from harness.contenders.contender import attempt
from harness.contenders.sides.declaration import asyncio_side
from harness.contenders.sides.opening import opened
from harness.jobs import registered
from harness.jobs.differences import plain
from harness.jobs.network import allow
from harness.machine.usage import as_json, read_tree
from workloads.side import Work


class QueueWorker:
    """Runs as many coroutines at once as it has slots."""

    def __init__(self, place: Place, redis: Redis, replying: Redis, shared: AsyncExitStack) -> None:
        """`shared` closes at the end what the coroutines share."""
        self._place = place
        self._redis = redis
        self._replying = replying
        self._shared = shared
        self._slots = asyncio.Semaphore(place.slots)
        self._sides = {name: asyncio_side(name) for name in place.tasks or registry.names("workload")}
        self._work: dict[str, Work] = {}
        self._opening = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._executed: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        self._total = 0
        self._decode = msgspec.json.Decoder(Asked).decode
        self._encode = msgspec.json.Encoder().encode

    async def take(self) -> None:
        """Take requests, each once a slot is free, until cancelled; then let those end that run."""
        try:
            while True:
                await self._slots.acquire()
                taken = await self._redis.brpop([self._place.requests], timeout=WAIT_S)
                if taken is None:
                    self._slots.release()
                    continue
                task = asyncio.create_task(self._execute(taken[1]))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        finally:
            if self._running:
                await asyncio.wait(self._running)

    async def _execute(self, message: bytes | str) -> None:
        try:
            asked = self._decode(message)
            work = await self._work_of(asked)
            self._note(asked.id)
            began_ns = monotonic_ns()
            reply, error = await attempt(work(**asked.payload))
            replied = self._encode(Replied(asked.id, reply, error, began_ns, monotonic_ns()))
            await self._replying.lpush(asked.replies, replied)
        finally:
            self._slots.release()

    async def _work_of(self, asked: Asked) -> Work:
        """The coroutine function with what it shares, which the first request opens; only of known workloads."""
        key = f"{asked.workload} {json.dumps(asked.resources, sort_keys=True)}"
        if key not in self._work:
            async with self._opening:
                if key not in self._work:
                    self._work[key] = await self._open(asked)
        return self._work[key]

    async def _open(self, asked: Asked) -> Work:
        side = self._sides[asked.workload]
        opening = opened(side, asked.workload, self._place.slots, asked.resources)
        work = await self._shared.enter_async_context(opening)
        return work if registered.find(asked.workload) is None else _plainly(work)

    def _note(self, task_id: str) -> None:
        trial, _, number = task_id.partition(".")
        self._executed[int(trial)].append(int(number))
        self._total += 1

    def answer(self, question: Question) -> Answer:
        """What the run asks."""
        usage = as_json(read_tree(memory=question.memory, count=self._total)) if question.usage else None
        executed: list[int] = []
        if question.executed is not None:
            executed = self._executed.pop(question.executed, array("q")).tolist()
            self._executed.clear()
        return Answer(usage=usage, executed=executed, python=platform.python_version())


def _plainly(work: Work) -> Work:
    """A coroutine of the user's own, whose replies arrive as they are compared."""

    async def reply(**payload: Any) -> Any:
        return plain(await work(**payload))

    return reply


async def serve(worker: QueueWorker, control: socket.socket) -> None:
    """Answer the run's questions until it ends."""
    reader, writer = await asyncio.open_unix_connection(sock=control)
    while line := await reader.readline():
        writer.write(msgspec.json.encode(worker.answer(msgspec.json.decode(line, type=Question))) + b"\n")
        await writer.drain()


async def work(place: Place) -> None:
    """Until SIGTERM, or until the run ends."""
    allow(urlsplit(place.url).hostname)
    taking_from, replying = (Redis.from_url(place.url, single_connection_client=True) for _ in range(2))
    async with taking_from, replying, AsyncExitStack() as shared:
        worker = QueueWorker(place, taking_from, replying, shared)
        serving = asyncio.create_task(serve(worker, socket.socket(fileno=place.control)))
        taking = asyncio.create_task(worker.take())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
        await asyncio.wait({serving, taking}, return_when=asyncio.FIRST_COMPLETED)
        serving.cancel()
        if taking.done():
            taking.result()
        taking.cancel()
        await asyncio.wait({taking})


def main() -> None:
    """Work as the environment says."""
    place = msgspec.json.decode(os.environ.pop(ENVIRONMENT), type=Place)
    try:
        asyncio.run(work(place))
    except redis_errors.RedisError as error:
        sys.exit(f"Redis cannot be reached any more: {error}")


if __name__ == "__main__":
    main()
