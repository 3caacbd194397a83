"""Results go while a trial goes on: those that were read soon, those that nobody waits for later, all at its end."""

import logging
from types import SimpleNamespace

import pytest
import redis

from harness.contenders.celery import removal as module
from harness.contenders.celery.removal import Removal
from tests.running import until


class Backend:
    """Notes what is unlinked, a command at a time."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.unlinked: list[list[str]] = []
        self.client = SimpleNamespace(unlink=self._unlink)
        self._fails = fails

    def get_key_for_task(self, task_id: str) -> str:
        """With a prefix."""
        return f"p:{task_id}"

    def _unlink(self, *keys: str) -> None:
        if self._fails is not None:
            raise self._fails
        self.unlinked.append(list(keys))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.0)
    monkeypatch.setattr(module, "AT_ONCE", 2)


async def test_what_was_read_is_removed_in_bulk() -> None:
    """Without a wait for the trial's end, and again for what is read afterwards."""
    backend = Backend()
    removal = Removal(backend)
    removal.received(["1.1", "1.2"])
    removal.received(["1.3"])
    await until(lambda: len(backend.unlinked) == 2)
    assert backend.unlinked == [["p:1.1", "p:1.2"], ["p:1.3"]]
    removal.received(["1.4"])
    await until(lambda: backend.unlinked[2:] == [["p:1.4"]])
    removal.end()


async def test_what_nobody_waits_for_is_removed_once_it_can_have_been_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end, without that wait."""
    backend = Backend()
    removal = Removal(backend)
    removal.abandoned(["1.1"])
    removal.received(["1.2"])
    await until(lambda: bool(backend.unlinked))
    assert backend.unlinked == [["p:1.2"]]
    removal.end()
    assert backend.unlinked[1:] == [["p:1.1"]]
    monkeypatch.setattr(module, "LATE_S", 0.0)
    removal = Removal(backend)
    removal.abandoned(["1.3"])
    await until(lambda: backend.unlinked[2:] == [["p:1.3"]])
    removal.end()


async def test_a_broker_that_refuses_keeps_them_until_they_expire(caplog: pytest.LogCaptureFixture) -> None:
    """The trial goes on."""
    removal = Removal(Backend(redis.ReadOnlyError("a replica")))
    removal.received(["1.1"])
    removal.end()
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, "1 results are left to expire: a replica")
    ]
