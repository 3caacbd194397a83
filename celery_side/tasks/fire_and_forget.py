"""Celery: a task whose result nobody wants, and which is not stored."""

from celery_side.app import app
from celery_side.http import get_json


@app.task(name="fire_and_forget", ignore_result=True)
def fire_and_forget(url: str, query: str) -> None:
    """Call a service."""
    get_json(f"{url}?{query}")
