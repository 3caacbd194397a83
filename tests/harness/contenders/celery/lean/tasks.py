"""Tasks with the options that an application may give them."""

from typing import Any

import pytest
from celery import Celery, Task

AS_ATTRIBUTES = pytest.mark.filterwarnings("ignore:[\\s\\S]*task attribute is deprecated")
"""Celery will no longer have them in version 6; the messages with them remain."""
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "priority": {"priority": 6},
    "time limits": {"time_limit": 30, "soft_time_limit": 20},
    "msgpack": {"serializer": "msgpack"},
    "compressed": {"compression": "gzip"},
    "transient": {"delivery_mode": 1},
    "a queue of its own": {"queue": "elsewhere"},
}
PAYLOADS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "text": {"data": 'a "quoted" ünïcode \\ {brace} @workbench \n line'},
    "nested": {"data": {"list": [1, 2.5, None, True], "deep": {"er": {"still": "more"}}}},
    "long": {"data": "0123456789abcdef" * 20_000},
}


def task_with(app: Celery, options: dict[str, Any]) -> Any:
    """Bound to the application."""

    def work(data: Any = "") -> None:
        """Nothing is executed here."""

    declare: Any = app.task
    return declare(name="lean.work", shared=False, **options)(work)


class Publishes(Task):  # type: ignore[type-arg]  # Celery's own has none
    """Has its own way of publishing."""

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Its own."""
        return super().apply_async(*args, **kwargs)


class Named(Task):  # type: ignore[type-arg]  # Celery's own has none
    """Has a name for logs that depends on its arguments."""

    def shadow_name(self, args: Any, kwargs: Any, options: Any) -> Any:
        """Its own."""
        return f"work on {kwargs}"
