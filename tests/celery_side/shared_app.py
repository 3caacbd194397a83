"""A Celery application for `test_process.py`: its task uses all that tasks share, and notes what is made and closed."""

import functools
import os
import time
from pathlib import Path
from typing import Any

import psycopg_pool
import requests
import urllib3

NOTES = Path(os.environ["NOTES"])


def note(*words: object) -> None:
    """One line."""
    with NOTES.open("a") as file:
        file.write(" ".join(map(str, words)) + "\n")


def noted(kind: type, closing: str, sign: str | None = None) -> None:
    """Have that class note what is made, which takes a while, and what is closed; with `sign`, only what has it."""
    make, close = kind.__init__, getattr(kind, closing)  # type: ignore[misc]

    @functools.wraps(make)
    def slow_make(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self.is_noted = sign is None or sign in kwargs
        if self.is_noted:
            time.sleep(0.1)
            note("made", kind.__name__, os.getpid())

    @functools.wraps(close)
    def noting_close(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.is_noted:
            note("closed", kind.__name__, os.getpid())
        close(self, *args, **kwargs)

    kind.__init__ = slow_make  # type: ignore[misc]
    setattr(kind, closing, noting_close)


noted(psycopg_pool.ConnectionPool, "close")
noted(urllib3.PoolManager, "clear", "headers")  # requests makes some of its own
noted(requests.Session, "close")

from celery_side.app import app  # noqa: E402  # what it imports is to find the classes changed
from celery_side.http import pool_manager  # noqa: E402
from celery_side.process import slots  # noqa: E402
from celery_side.tasks.http_date import session  # noqa: E402
from celery_side.tasks.sql_query import pool  # noqa: E402


@app.task(name="use")
def use() -> None:
    """Hold a slot for a while, so that all slots begin at once."""
    opened = pool.get()
    pool_manager.get()
    session.get()
    note("used", opened.max_size, os.getpid(), slots())
    time.sleep(0.2)
