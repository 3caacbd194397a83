"""Celery: jobs of all kinds in one queue, for one pool; or in several, each with a worker of its own."""

import time

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="mix")
def mix(seconds: float) -> float:
    """Wait for `seconds` and return them."""
    time.sleep(seconds)
    return seconds


def lane(seconds: float, rank: int) -> int:
    """Each kind has a queue of its own, as far as there are some: by its time, the shortest first."""
    return rank


SIDE = CelerySide(task=mix, ignores=("rank",), lane=lane)
