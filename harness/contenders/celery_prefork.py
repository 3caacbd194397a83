"""celery-prefork: a worker with a pool of processes, Celery's default."""

from harness.contenders.celery.pool import CeleryPool


class CeleryPrefork(CeleryPool):
    """`celery worker --pool prefork`."""

    name = "celery-prefork"
    pool = "prefork"
    has_children = True
    summary = "worker with a pool of processes (Celery's default)"


CONTENDER = CeleryPrefork()
