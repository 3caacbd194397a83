"""celery-solo: a worker that executes one task after the other, in its only thread."""

from harness.contenders.celery.pool import CeleryPool
from harness.errors import UsageError


class CelerySolo(CeleryPool):
    """`celery worker --pool solo`."""

    name = "celery-solo"
    pool = "solo"
    summary = "worker with one process and no pool: one slot"

    def slots(self, asked: int | None, where: str) -> int:
        """One, and so one worker."""
        return self._shared_by_workers(_one_slot(self.name, asked, where), where)


def _one_slot(name: str, asked: int | None, where: str) -> int:
    """The slots of a contender that can only have one; raises UsageError for more."""
    if asked not in (None, 1):
        raise UsageError(f"{where}: {name} has exactly one slot; got {asked}. Write {name!r}.")
    return 1


CONTENDER = CelerySolo()
