"""Celery: short and long jobs in one queue, for one pool; or in two, each with a worker of its own."""

import time

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="mix")
def mix(seconds: float) -> float:
    """Wait for `seconds` and return them."""
    time.sleep(seconds)
    return seconds


def lane(seconds: float, kind: str) -> int:
    """Long jobs have a queue of their own, where there are two."""
    return int(kind == "long")


SIDE = CelerySide(task=mix, ignores=("kind",), lane=lane)
