"""queue-bare: a reference; the asyncio side's coroutine in a process of its own, behind two lists in Redis."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from harness.contenders.contender import BOUNDARY, Assignment, Driven
from harness.contenders.queues.reference import Answers, QueueReference
from workloads.workload import Workload


class QueueBare(QueueReference):
    """The process boundary and the broker alone: no retries, no acknowledgements, no routing."""

    name = "queue-bare"
    parts = (BOUNDARY,)
    package = "harness.contenders.bare_queue"
    usual_promise = "at most once"
    answers = Answers(acknowledged="never", results="pushed")
    summary = "reference: the coroutine in a worker process behind two bare Redis lists; the least a queue can cost"

    def producer(self, workload: str, *, backlog: bool) -> str:
        """One LPUSH a request."""
        return "lpush"

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect a client to Redis."""
        from harness.contenders.bare_queue.client import queue_client

        return queue_client(assignment, workload.resources())


CONTENDER = QueueBare()
