"""Celery: a task whose result nobody wants, and which is not stored."""

from celery import Signature

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="fire_and_forget", ignore_result=True)
def fire_and_forget(url: str, query: str) -> None:
    """Call a service."""
    get_json(f"{url}?{query}")


def canvas(url: str, query: str, result: str) -> Signature:
    """What an application applies: most have a result that is stored all the same."""
    return fire_and_forget.signature((url, query), ignore_result=result == "ignored")


SIDE = CelerySide(task=fire_and_forget, canvas=canvas)
