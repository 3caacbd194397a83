"""Celery: call a service, work on, report the end."""

from time import sleep

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="side_effect")
def side_effect(url: str, seconds: float) -> str:
    """Have it happen; return its number when the work is done."""
    get_json(url)
    sleep(seconds)
    get_json(f"{url}-end")
    return url.rpartition(".")[2]


SIDE = CelerySide(task=side_effect)
