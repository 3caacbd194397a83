"""celery-prefork: a worker with a pool of processes, Celery's default."""

from harness.contenders._celery_workers import CeleryPool


class CeleryPrefork(CeleryPool):
    """`celery worker --pool prefork`."""

    name = "celery-prefork"
    pool = "prefork"
    summary = "worker with a pool of processes (Celery's default)"


CONTENDER = CeleryPrefork()
