"""Celery: waiting tasks are revoked; running tasks are terminated if the pool supports it (prefork and gevent)."""

import time

from celery.result import AsyncResult

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="cancel")
def cancel(url: str, seconds: float, poll_s: float) -> int:
    """Poll `url` for `seconds`; return how often it was called."""
    end = time.monotonic() + seconds
    asked = 0
    while time.monotonic() < end:
        get_json(url)
        asked += 1
        time.sleep(poll_s)
    return asked


def stop(result: "AsyncResult[int]") -> None:
    """The worker that has the task discards it, or terminates it if it runs."""
    result.revoke(terminate=True)


SIDE = CelerySide(task=cancel, stop=stop)
