"""Celery: short and long jobs in one queue, for one pool."""

import time

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="mix")
def mix(seconds: float) -> float:
    """Wait for `seconds` and return them."""
    time.sleep(seconds)
    return seconds


SIDE = CelerySide(task=mix)
