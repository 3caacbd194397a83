"""Carries bytes between two processes that may be on two machines, over the broker: a queue each way."""

import threading
from functools import partial
from queue import Empty
from typing import Any

from harness.services.brokers.broker import BrokerPlace, peer_of
from harness.services.calls import ANSWER_LIMIT_S, ask_blocking

CONTENT = "application/data"
EXPIRES_S = 300.0
"""The queues that a killed run left are deleted after this time; one that lives says so every few seconds."""


class Courier:
    """One end; raises ServiceError if the broker is gone.

    Each direction has a connection of its own, because one thread waits while another sends.
    """

    def __init__(self, place: BrokerPlace, *, into: str, out: str) -> None:
        """`into` and `out`: names of the queues that it takes from and gives to."""
        self._into = _Queue(place, into)
        self._out = _Queue(place, out)
        self._sending = threading.Lock()

    def send(self, body: bytes) -> None:
        """Give it to the broker; blocks for a round trip."""
        with self._sending:
            self._out.put(body)

    def receive(self, within_s: float) -> bytes | None:
        """What comes next; None if nothing comes in time."""
        return self._into.get(within_s)

    def close(self) -> None:
        """Let go of the connections; the queues stay."""
        self._into.close()
        self._out.close()


class _Queue:
    """A queue on a separate connection."""

    def __init__(self, place: BrokerPlace, name: str) -> None:
        self._peer = peer_of(place.url)
        self._connection, self._simple = ask_blocking(self._peer, _opened, place, name)

    def put(self, body: bytes) -> None:
        ask_blocking(self._peer, partial(self._simple.put, content_type=CONTENT, content_encoding="binary"), body)

    def get(self, within_s: float) -> bytes | None:
        message = ask_blocking(self._peer, self._get, within_s, limit_s=within_s + ANSWER_LIMIT_S)
        return message if message is None or isinstance(message, bytes) else bytes(message)

    def _get(self, within_s: float) -> Any:
        try:
            return self._simple.get(timeout=within_s).payload
        except Empty:
            return None

    def close(self) -> None:
        ask_blocking(self._peer, self._simple.close)
        ask_blocking(self._peer, self._connection.release)


def _opened(place: BrokerPlace, name: str) -> tuple[Any, Any]:
    """A connection, and the queue on it."""
    from kombu.connection import Connection

    from harness.contenders.celery.config import connections

    settings = connections(place)
    connection: Any = Connection(settings["broker_url"], transport_options=settings["broker_transport_options"])
    return connection, connection.SimpleQueue(name, no_ack=True, queue_opts={"expires": EXPIRES_S}, accept=[CONTENT])
