"""`python -m harness.contenders.bare_queue.worker`: takes requests from a list in Redis and runs the coroutines.

At most once: a request that was taken is gone with this process. Nothing is retried.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

import msgspec
from redis import exceptions as redis_errors
from redis.asyncio import Redis

from harness.contenders.bare_queue.client import WAIT_S
from harness.contenders.bare_queue.messages import Asked, Replied
from harness.contenders.queues.coroutines import Coroutines
from harness.contenders.queues.messages import Place
from harness.contenders.queues.process import own_place, work


class Taking:
    """Runs as many coroutines at once as there are slots."""

    def __init__(self, place: Place, redis: Redis, replying: Redis, coroutines: Coroutines) -> None:
        self._requests = place.key_prefix + place.queue
        self._redis = redis
        self._replying = replying
        self._coroutines = coroutines
        self._slots = asyncio.Semaphore(place.slots)
        self._running: set[asyncio.Task[None]] = set()
        self._decode = msgspec.json.Decoder(Asked).decode
        self._encode = msgspec.json.Encoder().encode

    async def take(self) -> None:
        """Take requests, each once a slot is free, until cancelled; then let those end that run."""
        try:
            while True:
                await self._slots.acquire()
                taken = await self._redis.brpop([self._requests], timeout=WAIT_S)
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
            ran = await self._coroutines.run(asked.workload, asked.id, asked.payload, asked.resources)
            await self._replying.lpush(asked.replies, self._encode(Replied(asked.id, ran)))
        finally:
            self._slots.release()


async def run(place: Place) -> None:
    """Until SIGTERM, or until the run ends."""
    taking_from, replying = (Redis.from_url(place.url, single_connection_client=True) for _ in range(2))
    async with taking_from, replying, AsyncExitStack() as shared:
        coroutines = Coroutines(place, shared)
        await work(place, coroutines, Taking(place, taking_from, replying, coroutines).take())


def main() -> None:
    """Work as the environment says."""
    place = own_place()
    try:
        asyncio.run(run(place))
    except redis_errors.RedisError as error:
        sys.exit(f"Redis cannot be reached any more: {error}")


if __name__ == "__main__":
    main()
