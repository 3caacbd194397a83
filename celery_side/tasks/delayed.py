"""Celery: a countdown. The worker keeps the message until the task is due."""

from celery import Signature

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="delayed")
def delayed(number: int) -> int:
    """Return `number`."""
    return number


def canvas(delay_s: float, number: int) -> Signature:
    """The task with its countdown."""
    return delayed.s(number).set(countdown=delay_s)


SIDE = CelerySide(task=delayed, canvas=canvas)
