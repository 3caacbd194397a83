"""Celery: a plain call. A task may block its slot."""

import time

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="blocking_call")
def blocking_call(seconds: float) -> float:
    """Block for `seconds` and return them."""
    time.sleep(seconds)
    return seconds


SIDE = CelerySide(task=blocking_call, ignores=("how",))
