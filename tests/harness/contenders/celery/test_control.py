"""Answers over Celery's remote control."""

from pathlib import Path
from typing import Any

import pytest

from harness.contenders.celery import control
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.services import calls
from harness.services.brokers.broker import broker_url
from harness.services.waiting_places import waiting_place

PLACE = WorkersPlace(broker=waiting_place(broker_url("redis://:sesame@x"), None), queue="", log=Path())


async def asked(monkeypatch: pytest.MonkeyPatch, *replies: Any) -> dict[str, Any]:
    """What becomes of such replies."""

    class App:
        """Celery's application, as far as it is used."""

        control = None

        def broadcast(self, *_: Any, **__: Any) -> list[Any]:
            """As given."""
            return list(replies)

    app = App()
    app.control = app  # type: ignore[assignment]  # one double of both
    monkeypatch.setattr(control, "_asker", lambda broker: app)
    return await control.ask(PLACE, "ping", None, None, 1.0)


async def test_each_answers_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no answer is left out."""
    assert await asked(monkeypatch, {"a@1": {"ok": "pong"}}, {"b@2": {"ok": "pong"}}, "noise") == {
        "a@1": {"ok": "pong"},
        "b@2": {"ok": "pong"},
    }


async def test_two_processes_of_one_name_are_an_error_that_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would execute half of the tasks, and one alone would be asked."""
    one = {"host": "near", "held": {"instance": "boot namespace 17 start"}}
    other = {"host": "far", "held": {"instance": "boot namespace 29 start"}}
    with pytest.raises(ServiceError, match=r"the name a@1 .*: process 17 on near and process 29 on far") as raised:
        await asked(monkeypatch, {"a@1": one}, {"a@1": other})
    assert "sesame" not in str(raised.value)


async def test_what_is_imported_to_ask_is_no_silence_of_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery takes seconds on a busy machine: that is over before the broker's time begins."""
    made: list[Any] = []

    async def answered(*_: Any, **__: Any) -> dict[str, Any]:
        assert made == [PLACE.broker]
        return {"a@1": "pong"}

    monkeypatch.setattr(control, "_asker", made.append)
    monkeypatch.setattr(calls, "ask", answered)
    assert await control.ask(PLACE, "ping", None, None, 1.0) == {"a@1": "pong"}


def test_what_is_published_expires_by_no_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of whoever takes it may be minutes ahead."""
    sent: list[dict[str, Any]] = []

    class App:
        """Celery's application, as far as it is used."""

        def send_task(self, *_: Any, **options: Any) -> None:
            """Noted."""
            sent.append(options)

    monkeypatch.setattr(control, "_asker", lambda broker: App())
    control.publish(PLACE.broker, "task", [], "queue", None)  # type: ignore[arg-type]  # nothing is sent
    assert "expires" not in sent[0]
    assert sent[0]["expiration"] > 0
