"""Celery: what waits is revoked; what runs is terminated, where the pool can do that (prefork and gevent)."""

import time

from celery.result import AsyncResult

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="cancel")
def cancel(url: str, seconds: float, poll_s: float) -> int:
    """Ask again and again; reply with how often."""
    end = time.monotonic() + seconds
    asked = 0
    while time.monotonic() < end:
        get_json(url)
        asked += 1
        time.sleep(poll_s)
    return asked


def stop(result: AsyncResult[int]) -> None:
    """Whichever worker has it discards it, or ends the process that runs it."""
    result.revoke(terminate=True)


SIDE = CelerySide(task=cancel, stop=stop)
