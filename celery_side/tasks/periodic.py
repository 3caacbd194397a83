"""Celery: `celery beat` publishes the task periodically; its result is ignored."""

from typing import Any

from celery_side.app import app
from celery_side.http import get_json
from workloads.promises import RHYTHM_ANSWER_S
from workloads.side import CelerySide


@app.task(name="periodic", ignore_result=True)
def periodic(url: str) -> None:
    """Call `url`."""
    get_json(url, RHYTHM_ANSWER_S)


def beat_schedule(url: str, every_s: float) -> dict[str, Any]:
    """The setting `beat_schedule`; a task that has not started within one period expires."""
    options = {"expires": every_s}
    return {"periodic": {"task": "periodic", "schedule": every_s, "kwargs": {"url": url}, "options": options}}


SIDE = CelerySide(task=periodic, beat_schedule=beat_schedule)
