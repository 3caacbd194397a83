"""Whether a RabbitMQ takes messages."""

from types import SimpleNamespace
from typing import Any

import pytest
from amqp.exceptions import ResourceError

from harness.services.causes import explained
from harness.services.rabbit_client import peer_of, publish_to_nobody
from harness.services.url import Url


class Connected:
    """A connection to a server that says that it is blocked, where an alarm is on, once something is published."""

    def __init__(self, *, alarm: bool) -> None:
        self.connection = SimpleNamespace(on_blocked=None)
        self._alarm = alarm
        self.published: list[dict[str, str]] = []

    def channel(self) -> "Connected":
        """Itself."""
        return self

    def basic_publish(self, message: Any, **to: str) -> None:
        """Keeps it."""
        self.published.append(to)

    def close(self) -> None:
        """What comes from the server is read meanwhile."""
        if self._alarm and self.published:
            self.connection.on_blocked("connection blocked, see broker logs")


def test_an_alarm_is_noticed_by_publishing() -> None:
    """Else a run would begin, and lose all that it publishes."""
    with pytest.raises(ResourceError) as raised:
        publish_to_nobody(Connected(alarm=True))
    assert explained(raised.value, peer_of(Url("amqp", "host")), 4.0) == (
        "the broker amqp://host takes no writes now: an alarm (memory or disk) blocks publishers. See its own log."
    )


def test_what_is_published_goes_nowhere() -> None:
    """By the default exchange to a queue that is not there."""
    connected = Connected(alarm=False)
    publish_to_nobody(connected)
    assert connected.published == [{"exchange": "", "routing_key": "workbench-nobody"}]
