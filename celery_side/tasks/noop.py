"""Celery: a task that does nothing."""

from celery_side.app import app


@app.task(name="noop")
def noop(data: str = "") -> None:
    """Return at once."""
