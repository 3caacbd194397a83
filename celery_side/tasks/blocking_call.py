"""Celery: a plain call. A worker's slots are there to be blocked."""

import time

from celery_side.app import app


@app.task(name="blocking_call")
def blocking_call(seconds: float, how: str) -> float:
    """Block so long (`how` is asyncio's choice)."""
    time.sleep(seconds)
    return seconds
