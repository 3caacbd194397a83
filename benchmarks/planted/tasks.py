"""The same work as a Celery task."""

from celery import Celery

from benchmarks.planted.plants import STYLE, strike, strike_before_tasks

app = Celery("planted")
strike_before_tasks()


@app.task
def work() -> int:
    """With what is planted in the style of the body."""
    strike(STYLE)
    return 1
