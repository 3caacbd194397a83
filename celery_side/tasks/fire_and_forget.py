"""Celery: a task whose result is not needed, and so is not stored."""

from celery import Signature

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="fire_and_forget", ignore_result=True)
def fire_and_forget(url: str, query: str) -> None:
    """Call a service."""
    get_json(f"{url}?{query}")


def canvas(url: str, query: str, result: str) -> Signature:
    """The task, with its result ignored or, as by default in Celery, stored."""
    return fire_and_forget.signature((url, query), ignore_result=result == "ignored")


SIDE = CelerySide(task=fire_and_forget, canvas=canvas)
