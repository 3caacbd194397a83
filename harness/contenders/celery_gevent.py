"""celery-gevent: a worker with a pool of greenlets."""

from harness.contenders.celery.pool import CeleryPool


class CeleryGevent(CeleryPool):
    """`celery worker --pool gevent`."""

    name = "celery-gevent"
    pool = "gevent"
    requires = ("gevent",)
    summary = "worker with a pool of greenlets in one process"
    answers_for_revoked = (5, 7)


CONTENDER = CeleryGevent()
