"""Carries bytes between two processes that may be on two machines, over queues of the broker.

Queues have no exchange of their own: what a killed process leaves of one expires with it.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerPlace, peer_of
from harness.services.calls import ANSWER_LIMIT_S, ask_blocking

if TYPE_CHECKING:
    from kombu.entity import Queue

CONTENT = "application/data"
EXPIRES_S = 300.0
"""The queues that a killed run left are deleted after this time; one that lives says so every few seconds."""


class Letter(NamedTuple):
    """What comes out of a queue."""

    about: str
    """The conversation that it belongs to, as its sender says."""
    body: bytes


class Inbox:
    """Takes from a queue, on a connection of its own. It blocks, and raises what kombu and its transports raise."""

    def __init__(self, place: BrokerPlace, name: str) -> None:
        from kombu.messaging import Consumer

        self._connection = _connection(place)
        self._letters: deque[Letter] = deque()
        self._consumer: Any = Consumer(
            self._connection.default_channel,
            [_queue(name)],
            no_ack=True,
            on_message=self._take,
            on_decode_error=lambda message, error: None,
        )
        self._consumer.consume()

    def _take(self, message: Any) -> None:
        """Keep it; what no `Outbox` has sent is left out."""
        body = message.body
        if message.content_type == CONTENT and isinstance(body, bytes | bytearray | memoryview):
            self._letters.append(Letter(str(message.properties.get("correlation_id", "")), bytes(body)))

    def get(self, within_s: float) -> Letter | None:
        """What comes next; None if nothing comes in time."""
        until_s = time.monotonic() + within_s
        with contextlib.suppress(TimeoutError):  # nothing came
            while not self._letters and (left_s := until_s - time.monotonic()) > 0:
                self._connection.drain_events(timeout=left_s)
        return self._letters.popleft() if self._letters else None

    def close(self) -> None:
        """Let go of the connection; the queue stays."""
        self._consumer.cancel()
        self._connection.release()


class Outbox:
    """Gives to queues, on a connection of its own. It blocks, and raises what kombu and its transports raise."""

    def __init__(self, place: BrokerPlace) -> None:
        from kombu.messaging import Producer

        self._connection = _connection(place)
        self.producer: Any = Producer(self._connection.default_channel)

    def put(self, name: str, letter: Letter) -> None:
        """Give it to the broker; blocks for a round trip."""
        self.producer.publish(
            letter.body,
            exchange="",
            routing_key=name,
            declare=[_queue(name)],
            content_type=CONTENT,
            content_encoding="binary",
            correlation_id=letter.about,
        )

    def remove(self, name: str) -> None:
        """Delete a queue, with what lies in it."""
        queue: Any = _queue(name)(self._connection.default_channel)
        queue.declare()
        queue.purge()
        queue.delete()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.release()


class Courier:
    """A driver's end of a conversation with a session; raises ServiceError if the broker or the session is gone.

    Each direction has a connection of its own, because one thread waits while another sends.
    """

    def __init__(
        self, place: BrokerPlace, *, into: str, out: str, about: str, is_leased: Callable[[], bool] = lambda: True
    ) -> None:
        """`into` and `out`: names of the queues that it takes from and gives to. `about`: the conversation's name.

        `is_leased`: whether the session's run still has this driver; one that was killed is known by that alone.
        """
        self._is_leased = is_leased
        self._peer = peer_of(place.url)
        self._into, self._out, self._about = into, out, about
        self._inbox = ask_blocking(self._peer, Inbox, place, into)
        self._outbox = ask_blocking(self._peer, Outbox, place)
        self._sending = threading.Lock()

    def send(self, body: bytes) -> None:
        """Give it to the broker; blocks for a round trip."""
        with self._sending:
            ask_blocking(self._peer, self._outbox.put, self._out, Letter(self._about, body))

    def receive(self, within_s: float) -> bytes | None:
        """What comes next; None if nothing comes in time."""
        if not self._is_leased():
            raise ServiceError("the lease of its run has ended")
        letter = ask_blocking(self._peer, self._inbox.get, within_s, limit_s=within_s + ANSWER_LIMIT_S)
        return letter.body if letter is not None else None

    def close(self) -> None:
        """Let go of the connections. The queues stay for the session, or go with it if that was killed."""
        ask_blocking(self._peer, self._inbox.close)
        if not self._is_leased():
            for name in (self._into, self._out):
                ask_blocking(self._peer, self._outbox.remove, name)
        ask_blocking(self._peer, self._outbox.close)


def _queue(name: str) -> "Queue":
    """A queue to which the default exchange leads: in Redis, an exchange of its own would be a key that stays."""
    from kombu.entity import Exchange, Queue

    return Queue(name, Exchange(""), name, expires=EXPIRES_S)


def _connection(place: BrokerPlace) -> Any:
    from kombu.connection import Connection

    from harness.contenders.celery.config import connections

    settings = connections(place)
    return Connection(
        settings["broker_url"],
        ssl=settings["broker_use_ssl"],
        transport_options=settings["broker_transport_options"],
    )
