"""Celery: a task that the handler publishes before it answers; its result is not needed, and so is not stored."""

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="after_response", ignore_result=True)
def after_response(url: str) -> None:
    """Call a service."""
    get_json(url)


SIDE = CelerySide(task=after_response)
