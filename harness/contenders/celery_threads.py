"""celery-threads: a worker with a pool of threads."""

from importlib.metadata import version

from harness.contenders.celery.pool import CeleryPool
from harness.jobs import registered
from harness.services.brokers.broker import BrokerPlace

ANSWERS_FOR_REVOKED = (5, 6)
"""Celery since then stores at once that a waiting task was revoked; before, on threads, nobody ever does."""


class CeleryThreads(CeleryPool):
    """`celery worker --pool threads`."""

    name = "celery-threads"
    pool = "threads"
    summary = "worker with a pool of threads in one process"

    def cannot(self, workload: str, broker: BrokerPlace | None) -> str | None:
        """Before Celery 5.6, tasks that wait cannot be stopped. Raises UsageError if the side is declared wrongly."""
        reason = super().cannot(workload, broker)
        if reason is not None or registered.find(workload) is not None or self.side_of(workload).stop is None:
            return reason
        installed = version("celery")
        if tuple(map(int, installed.split(".")[:2])) >= ANSWERS_FOR_REVOKED:
            return None
        return f"on threads, Celery {installed} gives no answer for waiting tasks that are revoked; 5.6 does"


CONTENDER = CeleryThreads()
