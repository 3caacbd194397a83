"""How a queue of a RabbitMQ is removed that others may take from."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace

import pytest

from harness.services import rabbit_queues
from harness.services.brokers import rabbitmq
from harness.services.brokers.broker import broker_url
from harness.services.brokers.rabbitmq import RabbitBroker
from harness.services.url import Url


class Channel:
    """Of a RabbitMQ with one queue, from which others take a number of times that it is looked at."""

    def __init__(self, used: int) -> None:
        self.used = used
        self.did: list[str] = []

    def __call__(self, url: Url) -> AbstractContextManager[SimpleNamespace]:
        """In place of a connection."""
        return nullcontext(SimpleNamespace(channel=lambda: self))

    def queue_declare(self, name: str, *, passive: bool) -> SimpleNamespace:
        """Look at it."""
        assert passive
        self.used -= 1
        return SimpleNamespace(consumer_count=int(self.used >= 0))

    def __getattr__(self, name: str) -> Callable[[str], None]:
        return lambda of: self.did.append(f"{name} {of}")


@pytest.mark.parametrize(
    ("shared", "used", "did"),
    [
        (True, 3, ["queue_delete q", "exchange_delete q"]),
        (True, 1000, ["queue_purge q"]),
        (False, 1000, ["queue_delete q", "exchange_delete q"]),
    ],
)
def test_a_queue_is_not_taken_from_workers_elsewhere(
    shared: bool, used: int, did: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would connect again and declare it anew; those that were told to let go of it are waited for."""
    channel, now = Channel(used), SimpleNamespace(s=0.0)
    monkeypatch.setattr(rabbitmq, "connected", channel)
    clock = SimpleNamespace(monotonic=lambda: now.s, sleep=lambda pause_s: setattr(now, "s", now.s + pause_s))
    monkeypatch.setattr(rabbit_queues, "time", clock)
    RabbitBroker(broker_url("amqp://h//"), "workbench:", {"version": "4"}, None, shared=shared).remove_queue("q")
    assert channel.did == did
