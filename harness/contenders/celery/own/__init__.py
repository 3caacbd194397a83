"""Jobs of the user's own on Celery: their task in their application, of which a run replaces broker, backend, queue."""

from collections.abc import Sequence

from harness.jobs import registered


def is_own(tasks: Sequence[str]) -> bool:
    """Whether a worker with these tasks is one of a job of the user's own, which has no others."""
    return len(tasks) == 1 and registered.find(tasks[0]) is not None
