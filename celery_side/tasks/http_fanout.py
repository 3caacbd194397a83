"""Celery: a chord. Each page is a task; the last to end has the callback called with what all replied.

Waiting for a group with `get()` would cost half a second more (a nap in Celery's Redis backend), and within a task it
would hold a slot meanwhile.
"""

from celery import Signature, chord

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(name="http_fanout.page")
def page(url: str) -> int:
    """Fetch one page."""
    found: int = get_json(url)["mirror"]
    return found


@app.task(name="http_fanout")
def http_fanout(pages: list[int]) -> list[int]:
    """Combine what the pages said."""
    return pages


def canvas(urls: list[str]) -> Signature:
    """What an application applies."""
    return chord([page.s(url) for url in urls], http_fanout.s())


SIDE = CelerySide(task=http_fanout, canvas=canvas, chords=True, ignores=("how",))
