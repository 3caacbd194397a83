"""The driver's side of taskiq: publishes with its kicker, and waits for the result as it does, by polling."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic_ns
from typing import Any

import msgspec
from taskiq import AsyncBroker
from taskiq.kicker import AsyncKicker

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.queues.messages import Ran, outcome_of
from harness.contenders.queues.unpausable import Unpausable
from harness.contenders.taskiq_queue.broker import broker_of
from harness.jobs.network import allow
from harness.services.redis_url import for_redis_py

POLL_S = 0.005
"""Between two looks for a result: taskiq-redis does not push, and its own 0.2 s would be the latency of every task."""


@asynccontextmanager
async def queue_client(assignment: Assignment, resources: dict[str, Any]) -> AsyncIterator["TaskiqClient"]:
    """Connect; disconnect at the end."""
    place = assignment.required_broker
    allow(place.url.host)
    broker = broker_of(for_redis_py(place.url), place.key_prefix, assignment.queue)
    await broker.startup()
    try:
        yield TaskiqClient(broker, assignment, resources)
    finally:
        await broker.shutdown()


class TaskiqClient(Unpausable):
    """Each request is a task, whose result is waited for on its own."""

    def __init__(self, broker: AsyncBroker, assignment: Assignment, resources: dict[str, Any]) -> None:
        self._broker = broker
        self._workload = assignment.workload
        self._trial = assignment.trial
        self._resources = resources

    async def submit(self, request: Request) -> Outcome:
        """Publish it, look for its result until it is there."""
        task_id = f"{self._trial}.{request.id}"
        kicker: AsyncKicker[..., Any] = AsyncKicker(self._workload, self._broker, {}).with_task_id(task_id)
        task = await kicker.kiq(task_id, request.payload, self._resources)
        published_ns = monotonic_ns()
        result = await task.wait_result(check_interval=POLL_S)
        return outcome_of(msgspec.convert(result.return_value, Ran), published_ns)
