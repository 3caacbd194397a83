"""celery-threads: a worker with a pool of threads."""

from harness.contenders.celery.pool import CeleryPool


class CeleryThreads(CeleryPool):
    """`celery worker --pool threads`."""

    name = "celery-threads"
    pool = "threads"
    summary = "worker with a pool of threads in one process"
    answers_for_revoked = (5, 7)


CONTENDER = CeleryThreads()
