"""Celery: a countdown. The worker keeps the message until its time has come."""

from celery import Signature

from celery_side.app import app
from workloads.side import CelerySide


@app.task(name="delayed")
def delayed(number: int) -> int:
    """What happens."""
    return number


def canvas(delay_s: float, number: int) -> Signature:
    """What an application applies."""
    return delayed.s(number).set(countdown=delay_s)


SIDE = CelerySide(task=delayed, canvas=canvas)
