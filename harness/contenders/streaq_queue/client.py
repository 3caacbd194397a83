"""The driver's side of streaQ: publishes each request as a task, whose result is pushed to a channel of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic_ns
from typing import Any

import msgspec
from streaq import Worker

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.queues.messages import Ran, outcome_of
from harness.contenders.queues.unpausable import Unpausable
from harness.contenders.streaq_queue.queue import queue_of
from harness.jobs.network import allow
from harness.services.redis_url import for_redis_py


@asynccontextmanager
async def queue_client(assignment: Assignment, resources: dict[str, Any]) -> AsyncIterator["StreaqClient"]:
    """Connect; disconnect at the end."""
    url = assignment.required_broker.url
    allow(url.host)
    async with queue_of(for_redis_py(url), assignment.queue) as queue:
        yield StreaqClient(queue, assignment, resources)


class StreaqClient(Unpausable):
    """Each request is a task."""

    def __init__(self, queue: Worker[Any], assignment: Assignment, resources: dict[str, Any]) -> None:
        self._queue = queue
        self._workload = assignment.workload
        self._trial = assignment.trial
        self._resources = resources

    async def submit(self, request: Request) -> Outcome:
        """Publish it, wait for its result."""
        task_id = f"{self._trial}.{request.id}"
        task = self._queue.enqueue_unsafe(self._workload, task_id, request.payload, self._resources)
        task.id = task_id
        await task
        published_ns = monotonic_ns()
        done = await task.result()
        if not done.success:
            return Outcome(None, str(done.exception), published_ns)
        return outcome_of(msgspec.convert(done.result, Ran), published_ns)
