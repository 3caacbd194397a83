"""What killed runs left behind: removed by whoever comes next, on a broker by whoever is given that broker."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ServiceError
from harness.machine import scratch
from harness.services.brokers.broker import RPC, BrokerPlace, broker_url, kind
from harness.services.leftovers import note, remove_leftovers, waiting_for

GIVEN = broker_url("amqp://user:s3cr3t@h:5672//")
PLACE = BrokerPlace(GIVEN, RPC, control="workbench:run:abc")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That of a run which was killed, with what it noted of two boots."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "COMMON", ())  # others on this machine leave theirs there
    monkeypatch.setattr(scratch, "YOUNG_S", -1.0)
    left = tmp_path / f"{scratch.PREFIX}one"
    for boot in ("boot-0", "boot-1"):
        (left / boot).mkdir(parents=True)
        note(left / boot, PLACE, ["b", "a"])
    return left


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What a RabbitMQ was asked to remove."""
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(type(kind("rabbitmq")), "remove_queues", lambda _self, *arguments: asked.append(arguments))
    return asked


def test_what_lies_on_a_broker_waits_for_whoever_is_given_that_broker(
    folder: Path, removed: list[tuple[Any, ...]]
) -> None:
    """With other credentials too; on another virtual host or server, nothing is touched."""
    for other in ("amqp://h:5672/other", "amqp://other:5672//", "redis://h:5672/0"):
        assert remove_leftovers([broker_url(other)]) == []
    assert remove_leftovers() == []
    assert removed == []
    assert waiting_for(folder) == ["rabbitmq://h:5672//"]
    given = broker_url("amqp://another:word@h:5672//")
    assert len(remove_leftovers([given])) == 3
    assert removed == [(given, PLACE.control, ["a", "b"])] * 2
    assert not folder.exists()


def test_no_secret_is_noted(folder: Path) -> None:
    """The folder may be kept for long."""
    written = [file.read_text() for file in folder.rglob("*.json")]
    assert len(written) == 2
    assert not any("s3cr3t" in text or "user" in text for text in written)


def test_a_broker_that_does_not_answer_keeps_the_note(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one tries again."""

    def fails(*_: object) -> None:
        raise ServiceError("it does not answer")

    monkeypatch.setattr(type(kind("rabbitmq")), "remove_queues", fails)
    assert remove_leftovers([GIVEN]) == []
    assert waiting_for(folder) == ["rabbitmq://h:5672//"]


def test_nothing_is_noted_of_a_redis(tmp_path: Path) -> None:
    """It keeps a register of runs itself."""
    at = broker_url("redis://h")
    note(tmp_path, BrokerPlace(at, at, "workbench:run:abc:"), ["a"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_a_run_on_servers_of_its_own_goes_at_once(folder: Path) -> None:
    """There is nothing elsewhere; nor does a note that cannot be read keep it."""
    for file in folder.rglob("*.json"):
        file.write_text("{}")
    assert remove_leftovers([broker_url("amqp://h")]) == [str(folder)]
    assert not folder.exists()
