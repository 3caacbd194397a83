"""celery-solo: a worker that executes one task after the other, in its only thread."""

from harness.contenders.celery.pool import CeleryPool
from harness.contenders.contender import one_slot


class CelerySolo(CeleryPool):
    """`celery worker --pool solo`."""

    name = "celery-solo"
    pool = "solo"
    summary = "worker with one process and no pool: one slot"

    def slots(self, asked: int | None, where: str) -> int:
        """One, and so one worker."""
        return self._shared_by_workers(one_slot(self.name, asked, where), where)


CONTENDER = CelerySolo()
