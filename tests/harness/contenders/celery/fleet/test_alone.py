"""A worker or a driver has its name to itself, or does not begin."""

import os
import threading
from typing import Any

import pytest
from celery import signals
from celery.utils.dispatch import Signal

from harness.contenders.celery import launcher
from harness.contenders.celery.fleet import alone
from harness.contenders.celery.fleet.alone import have_name
from harness.errors import ServiceError
from harness.services.brokers.broker import broker_url
from harness.services.brokers.redis import RedisKind
from harness.services.waiting_places import waiting_place
from tests.running import ENDS_WITHIN_S

PLACE = waiting_place(broker_url("redis://:sesame@127.0.0.1:1/0"), None)
ANSWER = {"host": "far", "held": {"instance": "boot namespace 17 start"}}


class Held:
    """A name that others have, as often as it is said."""

    def __init__(self, *others_have_it: bool) -> None:
        self.others_have_it = list(others_have_it)
        self.did: list[str] = []
        self.again = threading.Event()
        """Set once it was asked for a third time."""

    def __call__(self, kind: object, url: object, name: str) -> "Held":
        """Asked for by name."""
        self.did.append(name)
        return self

    def hold(self) -> bool:
        """Unless others have it."""
        self.did.append("hold")
        if self.did.count("hold") >= 3:
            self.again.set()
        return not (self.others_have_it and self.others_have_it.pop(0))

    def leave(self) -> None:
        """Noted."""
        self.did.append("leave")


def begin(held: Held, answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """One that waits on the queue of that name; `answers`: of whoever has the name, each time that it is asked."""
    monkeypatch.setattr(RedisKind, "name", lambda *given: held(*given))
    monkeypatch.setattr(alone, "broadcast", lambda *_: answers.pop(0))
    monkeypatch.setattr(alone, "RENEW_S", 0.001)
    monkeypatch.setattr(signals, "worker_shutdown", Signal(name="worker_shutdown"))
    have_name("idle:w@near", PLACE)


def test_a_name_is_kept_until_its_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks again, whatever else the process does; then it gives it back, and asks no more."""
    held = Held()
    begin(held, [], monkeypatch)
    assert held.again.wait(ENDS_WITHIN_S)
    signals.worker_shutdown.send(None)
    assert (held.did[0], held.did[-1]) == ("w@near", "leave")


def test_each_question_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a broker that is silent, nothing would ever come."""
    asked: list[object] = []

    def ask(_peer: object, call: Any, *arguments: Any) -> Any:
        asked.append(call)
        return call(*arguments)

    monkeypatch.setattr(alone, "ask_blocking", ask)
    held = Held()
    begin(held, [], monkeypatch)
    signals.worker_shutdown.send(None)
    assert asked[0] == held.hold
    assert asked[-1] == held.leave


def test_one_whose_name_another_has_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names both, as soon as the other one, which may have begun at the same moment, answers."""
    held = Held(True, True, True)
    both = rf"the name w@near is taken on .*: process 17 on far has it, and this is process {os.getpid()} on "
    with pytest.raises(ServiceError, match=both) as raised:
        begin(held, [{}, {"w@near": ANSWER}], monkeypatch)
    assert "sesame" not in str(raised.value)
    assert held.did == ["w@near", "hold", "hold"]


def test_one_that_is_started_again_begins_once_its_name_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was killed does not answer; what has it and does not answer for too long is no reason to wait."""
    begin(Held(True, True), [{}, {}], monkeypatch)
    signals.worker_shutdown.send(None)
    monkeypatch.setattr(alone, "FREE_WITHIN_S", 0.0)
    with pytest.raises(ServiceError, match="a process that does not answer has it"):
        begin(Held(True), [{}], monkeypatch)


def test_what_it_finds_wrong_is_one_line_and_the_status_of_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has become the worker by then, and Celery would print a traceback."""

    def taken(module: str) -> None:
        raise ServiceError(f"no name for {module}")

    def ended(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr("importlib.import_module", taken)
    monkeypatch.setattr(os, "_exit", ended)
    with pytest.raises(SystemExit) as left:
        launcher._app_of("x")
    assert (left.value.code, capsys.readouterr().err) == (3, "workbench: no name for x\n")
