"""Celery: a beat publishes the task again and again; nobody waits for its result."""

from typing import Any

from celery_side.app import app
from celery_side.http import get_json
from workloads.promises import RHYTHM_ANSWER_S
from workloads.side import CelerySide


@app.task(name="periodic", ignore_result=True)
def periodic(url: str) -> None:
    """Ask."""
    get_json(url, RHYTHM_ANSWER_S)


def beat_schedule(url: str, every_s: float) -> dict[str, Any]:
    """What an application gives as `beat_schedule`; what is not begun within a period is not made up for."""
    options = {"expires": every_s}
    return {"periodic": {"task": "periodic", "schedule": every_s, "kwargs": {"url": url}, "options": options}}


SIDE = CelerySide(task=periodic, beat_schedule=beat_schedule)
