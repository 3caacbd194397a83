"""Celery: a task that replaces itself by a chord of its children."""

from typing import Any

from celery import chord

from celery_side.app import app
from celery_side.http import get_json
from workloads.side import CelerySide


@app.task(bind=True, name="comment_tree")
def comment_tree(self: Any, base_url: str, comment: str, query: str) -> int:
    """Count a comment with all below it."""
    children = get_json(f"{base_url}{comment}{query}")["children"]
    if not children:
        return 1
    below = [comment_tree.s(base_url, child, query) for child in children]
    raise self.replace(chord(below, count.s()))


@app.task(name="comment_tree.count")
def count(below: list[int]) -> int:
    """The comment itself, and what was counted below it."""
    return 1 + sum(below)


SIDE = CelerySide(task=comment_tree, several=True, chords=True)
