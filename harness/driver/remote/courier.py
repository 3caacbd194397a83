"""Carries bytes between two processes that may be on two machines, over the broker: a queue each way."""

import threading
from queue import Empty
from typing import Any

from harness.services.brokers.broker import BrokerPlace
from harness.services.kombu_errors import as_service_error

CONTENT = "application/data"
EXPIRES_S = 3600.0
"""On brokers that support it, the queues that a killed run left are deleted after this time."""


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
        from kombu.connection import Connection

        from harness.contenders.celery.config import connections

        settings = connections(place)
        self._url = place.url
        self._connection: Any = Connection(
            settings["broker_url"], transport_options=settings["broker_transport_options"]
        )
        with as_service_error(self._connection, self._url):
            make: Any = self._connection.SimpleQueue
            self._simple: Any = make(name, no_ack=True, queue_opts={"expires": EXPIRES_S}, accept=[CONTENT])

    def put(self, body: bytes) -> None:
        with as_service_error(self._connection, self._url):
            self._simple.put(body, content_type=CONTENT, content_encoding="binary")

    def get(self, within_s: float) -> bytes | None:
        try:
            with as_service_error(self._connection, self._url):
                payload = self._simple.get(timeout=within_s).payload
        except Empty:
            return None
        return payload if isinstance(payload, bytes) else bytes(payload)

    def close(self) -> None:
        with as_service_error(self._connection, self._url):
            self._simple.close()
            self._connection.release()
