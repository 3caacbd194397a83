"""Celery: a chord. Each page is a task; when the last one ends, the callback is called with all results.

Waiting for a group with `get()` would take half a second longer (a sleep in Celery's Redis backend), and
within a task it would hold a slot in the meantime.
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
    """Combine the pages."""
    return pages


def canvas(urls: list[str]) -> Signature:
    """A chord: all pages, then the callback."""
    return chord([page.s(url) for url in urls], http_fanout.s())


SIDE = CelerySide(task=http_fanout, canvas=canvas, chords=True, ignores=("how",))
