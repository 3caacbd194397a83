"""Carries bytes between two processes that may be on two machines, over the broker: a queue each way."""

import contextlib
import threading
from collections.abc import Iterator
from queue import Empty
from typing import Any

from harness.errors import ServiceError
from harness.services.brokers.broker import BrokerPlace
from harness.services.shown import one_line, without_password

CONTENT = "application/data"
EXPIRES_S = 3600.0
"""On brokers that support it, the queues that a killed run left are deleted after this time."""


class Courier:
    """One end; raises ServiceError where the broker is gone.

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
        """What comes next; None where nothing comes in time."""
        return self._into.get(within_s)

    def close(self) -> None:
        """Let go of the connections; the queues stay."""
        self._into.close()
        self._out.close()


class _Queue:
    """A queue on a connection of its own."""

    def __init__(self, place: BrokerPlace, name: str) -> None:
        from kombu.connection import Connection

        from harness.contenders.celery.config import connections

        settings = connections(place)
        self._url = place.url
        self._connection: Any = Connection(place.url, transport_options=settings["broker_transport_options"])
        with self._as_service_error():
            make: Any = self._connection.SimpleQueue
            self._simple: Any = make(name, no_ack=True, queue_opts={"expires": EXPIRES_S}, accept=[CONTENT])

    def put(self, body: bytes) -> None:
        with self._as_service_error():
            self._simple.put(body, content_type=CONTENT, content_encoding="binary")

    def get(self, within_s: float) -> bytes | None:
        try:
            with self._as_service_error():
                payload = self._simple.get(timeout=within_s).payload
        except Empty:
            return None
        return payload if isinstance(payload, bytes) else bytes(payload)

    def close(self) -> None:
        with self._as_service_error():
            self._simple.close()
            self._connection.release()

    @contextlib.contextmanager
    def _as_service_error(self) -> Iterator[None]:
        """Translate what the broker's client raises, whichever client that is."""
        from kombu.exceptions import KombuError

        failures = (*self._connection.connection_errors, *self._connection.channel_errors, KombuError, OSError)
        try:
            yield
        except failures as error:
            raise ServiceError(f"the broker {without_password(self._url)} did not answer: {one_line(error)}.") from None
