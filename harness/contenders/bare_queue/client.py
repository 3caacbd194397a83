"""The driver's side of the bare queue: one LPUSH a request, one BRPOP a reply."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic_ns
from typing import Any

import msgspec
from redis import exceptions as redis_errors
from redis.asyncio import Redis

from harness.contenders.bare_queue.messages import Asked, Replied
from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.queues.ending import end
from harness.contenders.queues.messages import Ran, outcome_of
from harness.jobs.network import allow
from harness.services.redis_keys import REPLIES
from harness.services.redis_url import for_redis_py

ANSWER_S = 5.0
WAIT_S = 1
"""How long Redis holds a BRPOP that finds nothing."""
RETRY_S = 0.2
HELD = ".held"
"""Behind the name of the list on which requests are held back."""


@asynccontextmanager
async def queue_client(assignment: Assignment, resources: dict[str, Any]) -> AsyncIterator["QueueClient"]:
    """Connect, take replies until the end, remove the list of replies."""
    allow(assignment.required_broker.url.host)
    url = for_redis_py(assignment.required_broker.url)
    async with _connected(url) as publishing, _connected(url) as receiving:
        client = QueueClient(publishing, assignment, resources)
        await client.note()
        taking = asyncio.create_task(client.take_replies(receiving))
        try:
            yield client
        finally:
            await end(taking)


def _connected(url: str) -> Redis:
    """A client with a single connection, which gives up after `ANSWER_S` seconds."""
    return Redis.from_url(
        url, single_connection_client=True, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S + WAIT_S
    )


class QueueClient:
    """Publishes requests on one list and hands out the replies of another."""

    def __init__(self, redis: Redis, assignment: Assignment, resources: dict[str, Any]) -> None:
        self._redis = redis
        self._requests = self._to = assignment.required_broker.key_prefix + assignment.queue
        self._known = self._requests + REPLIES
        self._replies = f"{self._known}.{uuid.uuid4().hex}"
        self._workload = assignment.workload
        self._trial = assignment.trial
        self._resources = resources
        self._waiting: dict[str, asyncio.Future[Ran]] = {}
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Replied).decode

    async def note(self) -> None:
        """Say where replies go, for whoever removes the queue."""
        await self._redis.sadd(self._known, self._replies)

    async def submit(self, request: Request) -> Outcome:
        """Publish it, wait for its reply."""
        task_id = f"{self._trial}.{request.id}"
        future = self._waiting[task_id] = asyncio.get_running_loop().create_future()
        asked = Asked(task_id, self._workload, request.payload, self._resources, self._replies)
        try:
            await self._redis.lpush(self._to, self._encode(asked))
            published_ns = monotonic_ns()
            ran = await future
        finally:
            self._waiting.pop(task_id, None)
        return outcome_of(ran, published_ns)

    async def take_replies(self, redis: Redis) -> None:
        """Until cancelled. What waits has failed where Redis cannot be reached."""
        try:
            while True:
                try:
                    taken = await redis.brpop([self._replies], timeout=WAIT_S)
                except redis_errors.RedisError as error:
                    self._fail(error)
                    await asyncio.sleep(RETRY_S)
                else:
                    if taken is not None:
                        self._resolve(self._decode(taken[1]))
        finally:
            with contextlib.suppress(redis_errors.RedisError):  # the connection has gone
                await redis.delete(self._replies)
                await redis.srem(self._known, self._replies)

    def _resolve(self, done: Replied) -> None:
        future = self._waiting.get(done.id)
        if future is not None and not future.done():
            future.set_result(done.ran)

    def _fail(self, error: Exception) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error)

    async def pause(self) -> None:
        """Hold back what is submitted from now on, on a list that nobody takes from."""
        self._to = self._requests + HELD

    async def resume(self) -> None:
        """Let the worker have that list, all at once."""
        held, self._to = self._to, self._requests
        if held != self._requests:
            with contextlib.suppress(redis_errors.ResponseError):  # nothing was held back
                await self._redis.rename(held, self._requests)  # behind all that was published to it: one connection
