"""What arrives on a connection to RabbitMQ: frames of AMQP 0-9-1, put together to messages."""

from collections.abc import Iterator
from struct import unpack_from
from typing import Any, NamedTuple

from amqp import spec
from amqp.basic_message import Message

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
PREFIX = 7
"""Bytes before a frame's payload: kind, channel, size. One byte follows it."""


class Delivery(NamedTuple):
    """A message that has arrived."""

    properties: dict[str, Any]
    body: bytes


class Closed(Exception):
    """Raised when RabbitMQ closes the channel or the connection, with its reason."""


class Frames:
    """Fed with bytes as they arrive; gives whole messages. Frames of other kinds mean nothing here."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._header: Any = None
        self._parts: list[bytes] = []

    def fed(self, data: bytes) -> Iterator[Delivery]:
        """The messages that are complete now; raises Closed."""
        buffer = self._buffer
        buffer += data
        begin = 0
        try:
            while len(buffer) - begin > PREFIX:
                kind, size = unpack_from(">BxxI", buffer, begin)
                end = begin + PREFIX + size
                if len(buffer) <= end:
                    break
                payload = bytes(buffer[begin + PREFIX : end])
                begin = end + 1
                if (delivery := self._take(kind, payload)) is not None:
                    yield delivery
        finally:
            del buffer[:begin]

    def _take(self, kind: int, payload: bytes) -> Delivery | None:
        if kind == METHOD:
            self._called(payload)
        elif kind == HEADER:
            self._header, self._parts = Message(), []
            self._header.inbound_header(payload)
        elif kind == BODY:
            self._parts.append(payload)
        return self._complete() if kind in (HEADER, BODY) else None

    def _complete(self) -> Delivery | None:
        if sum(map(len, self._parts)) < self._header.body_size:
            return None
        return Delivery(self._header.properties, b"".join(self._parts))

    def _called(self, payload: bytes) -> None:
        method = unpack_from(">HH", payload)
        if method in (spec.Connection.Close, spec.Channel.Close):
            (code,), size = unpack_from(">H", payload, 4), payload[6]
            raise Closed(f"RabbitMQ has closed it: {code} {payload[7 : 7 + size].decode(errors='replace')}")
