"""Whether a RabbitMQ takes messages."""

import socket
import ssl
from types import SimpleNamespace
from typing import Any

import pytest
from amqp.exceptions import ResourceError
from kombu.exceptions import OperationalError

from harness.services.causes import explained
from harness.services.rabbit_client import connected, peer_of, publish_to_nobody
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


def test_with_tls_the_certificate_has_to_be_that_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, py-amqp takes whatever a known authority has signed."""
    asked: list[Any] = []

    def made(context: ssl.SSLContext, *_: Any, server_hostname: str, **__: Any) -> None:
        asked.append((context.check_hostname, context.verify_mode, server_hostname))
        raise ssl.SSLError("seen")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", made)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = Url("amqps", "localhost", listening.getsockname()[1], "//")
        with pytest.raises(OperationalError), connected(url):
            pass
    assert set(asked) == {(True, ssl.CERT_REQUIRED, "localhost")}
