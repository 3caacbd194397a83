"""Celery: a task that replaces itself by a chord of its children."""

from typing import Any

from celery import chord

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(bind=True, name="comment_tree")
def comment_tree(self: Any, base_url: str, comment: str, query: str) -> int:
    """Count a comment and all comments below it."""
    children = get_json(f"{base_url}{comment}{query}")["children"]
    if not children:
        return 1
    below = [comment_tree.s(base_url, child, query) for child in children]
    raise self.replace(chord(below, count.s()))


@app.task(name="comment_tree.count")
def count(below: list[int]) -> int:
    """Return 1 for the comment itself plus the counts of its children."""
    return 1 + sum(below)


SIDE = CelerySide(task=comment_tree, several=True, chords=True)
