"""Celery: a task that does nothing."""

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="noop")
def noop(data: str = "") -> None:
    """Return at once."""


SIDE = CelerySide(task=noop)
