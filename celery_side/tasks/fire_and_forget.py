"""Celery: a task whose result nobody wants, and which is not stored."""

from typing import Any

from celery_side.app import app
from celery_side.http import get_json


@app.task(name="fire_and_forget", ignore_result=True)
def fire_and_forget(url: str, query: str, result: str) -> None:
    """Call a service."""
    get_json(f"{url}?{query}")


def options(url: str, query: str, result: str) -> dict[str, Any]:
    """How it is published: a result that is stored all the same is what most applications have."""
    return {"ignore_result": result == "ignored"}
