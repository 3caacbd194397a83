"""taskiq: a reference; the asyncio side's coroutine behind an asyncio task queue on a Redis stream."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from harness.contenders.contender import BOUNDARY, QUEUE, Assignment, Driven
from harness.contenders.queues.reference import Answers, QueueReference
from harness.contenders.queues.unpausable import REASON
from workloads.workload import Workload


class Taskiq(QueueReference):
    """taskiq with taskiq-redis, set up as its documentation does, but for JSON results and how often it polls."""

    name = "taskiq"
    parts = (BOUNDARY, QUEUE)
    package = "harness.contenders.taskiq_queue"
    requires = ("taskiq", "taskiq_redis")
    not_paused = REASON
    usual_promise = "at least once"
    answers = Answers(acknowledged="once the result is stored", results="polled every 5 ms")
    summary = "reference: the coroutine behind taskiq with taskiq-redis, an asyncio task queue on a Redis stream"

    def producer(self, workload: str, *, backlog: bool) -> str:
        """By the kicker, one task a request."""
        return "kiq"

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to Redis."""
        from harness.contenders.taskiq_queue.client import queue_client

        return queue_client(assignment, workload.resources())


CONTENDER = Taskiq()
