"""What a Celery pool cannot do with the Celery that is installed."""

import pytest

from harness.contenders.celery import pool
from harness.contenders.contender import contender_of


@pytest.mark.parametrize(
    ("name", "installed", "can"),
    [
        ("celery-threads", "5.7.0", True),
        ("celery-threads", "6.0.0rc1", True),
        ("celery-threads", "5.5.3", False),
        ("celery-gevent", "5.6.3", False),
        ("celery-prefork", "5.5.3", True),
    ],
)
def test_waiting_tasks_are_not_stopped_where_nobody_answers_for_them(
    monkeypatch: pytest.MonkeyPatch, name: str, installed: str, can: bool
) -> None:
    """Seen with 5.5.3 on threads and gevent: their results stay pending. All other work is as with 5.7."""
    monkeypatch.setattr(pool, "version", lambda _package: installed)
    said = f"waiting tasks that are revoked on {name[7:]} need Celery 5.7: {installed} leaves some unanswered"
    assert contender_of(name).cannot("cancel", None) == (None if can else said)
    assert contender_of(name).cannot("noop", None) is None
