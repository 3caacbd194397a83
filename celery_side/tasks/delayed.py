"""Celery: a countdown. The worker keeps the message until its time has come."""

from celery import Signature

from celery_side.app import app


@app.task(name="delayed")
def delayed(number: int) -> int:
    """What happens."""
    return number


def signature(delay_s: float, number: int) -> Signature:
    """What an application applies."""
    return delayed.s(number).set(countdown=delay_s)
