"""Celery: a plain call. A worker's slots are there to be blocked."""

import time

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="blocking_call")
def blocking_call(seconds: float) -> float:
    """Block so long."""
    time.sleep(seconds)
    return seconds


SIDE = CelerySide(task=blocking_call, ignores=("how",))
