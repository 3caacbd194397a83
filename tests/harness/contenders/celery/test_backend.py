"""How long results stay in Redis: those that a driver removes as Celery has it, those that no driver knows shortly."""

from typing import Any

import pytest
from celery import Celery
from celery.backends.redis import RedisBackend

from harness.contenders.celery.backend import INNER_EXPIRES_S, StampedRedisBackend


@pytest.mark.parametrize(
    ("key", "expires"),
    [
        (b"p.q:celery-task-meta-7.12", None),
        (b"celery-task-meta-7.12-0", None),
        (b"p.q:celery-task-meta-5a1e7c1e-0000-4711-8888-000000000000", INNER_EXPIRES_S),
        (b"celery-taskset-meta-5a1e7c1e", None),
        ("chord-unlock", None),
    ],
)
def test_results_of_tasks_that_tasks_publish_soon_expire(
    monkeypatch: pytest.MonkeyPatch, key: Any, expires: int | None
) -> None:
    """Others would fill Redis in a long trial."""
    stored: list[tuple[Any, int | None]] = []
    monkeypatch.setattr(RedisBackend, "set", lambda self, key, value, expires=None: stored.append((key, expires)))
    StampedRedisBackend(app=Celery("t", set_as_current=False), url="redis://nowhere").set(key, b"")
    assert stored == [(key, expires)]
