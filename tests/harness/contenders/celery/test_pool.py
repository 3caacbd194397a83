"""A Celery pool: what it cannot do with the Celery that is installed, and whose workers it takes."""

from pathlib import Path

import msgspec
import pytest

from harness.contenders.celery import pool
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.pool import CeleryPool
from harness.contenders.celery.workers import CeleryWorker
from harness.contenders.contender import WorkersPlace, contender_of
from harness.contenders.sides import declaration
from harness.services.brokers.broker import broker_url
from harness.services.waiting_places import waiting_place
from tests.harness.contenders.celery.fleet.doubles import TERMS


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


def test_a_contender_takes_workers_from_where_the_session_says(tmp_path: Path) -> None:
    """Its own, or those that wait."""

    class Pool(CeleryPool):
        name, pool, summary = "celery-prefork", "prefork", ""

    broker = waiting_place(broker_url("redis://x"), None)
    own = WorkersPlace(broker=broker, queue="q", log=tmp_path)
    waits = msgspec.structs.replace(own, terms=TERMS)
    assert isinstance(Pool().workers(4, waits), ExternalWorkers)
    assert isinstance(Pool().workers(4, own), CeleryWorker)


def test_a_pool_whose_library_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As gevent for free-threaded Python; the other pools go on."""
    monkeypatch.setattr(declaration, "find_spec", lambda _: None)
    assert contender_of("celery-gevent").cannot("noop", None) == "gevent not installed: pip install gevent"
    assert contender_of("celery-threads").cannot("noop", None) is None
