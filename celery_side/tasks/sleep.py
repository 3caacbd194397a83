"""Celery: wait, holding one slot of the worker's pool."""

import time

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="sleep")
def sleep(seconds: float) -> float:
    """Wait for `seconds` and return them."""
    time.sleep(seconds)
    return seconds


SIDE = CelerySide(task=sleep)
