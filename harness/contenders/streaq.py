"""streaq: a reference; the asyncio side's coroutine behind streaQ, a task queue on Redis streams."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from harness.contenders.contender import BOUNDARY, QUEUE, Assignment, Driven
from harness.contenders.queues.reference import Answers, QueueReference
from harness.contenders.queues.unpausable import REASON
from harness.services.brokers.broker import BrokerPlace
from workloads.workload import Workload


class Streaq(QueueReference):
    """streaQ with JSON, whose results are pushed."""

    name = "streaq"
    parts = (BOUNDARY, QUEUE)
    package = "harness.contenders.streaq_queue"
    requires = ("streaq",)
    not_paused = REASON
    usual_promise = "at least once"
    answers = Answers(acknowledged="once the result is stored", results="pushed")
    summary = "reference: the coroutine behind streaQ, an asyncio task queue on Redis streams; results are pushed"

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """It replaces a function library of the server's, which has one of that name for all."""
        if broker is not None and broker.key_prefix:
            return "streaQ loads functions into its Redis, which would stay there: it needs a Redis of the run's own"
        return super().cannot(workload, broker)

    def producer(self, workload: str, *, backlog: bool) -> str:
        """By the registered task, one a request."""
        return "enqueue"

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to Redis."""
        from harness.contenders.streaq_queue.client import queue_client

        return queue_client(assignment, workload.resources())


CONTENDER = Streaq()
