"""Ready-made messages for RabbitMQ: the frames of `basic.publish`, byte by byte as py-amqp writes them."""

from collections.abc import Iterator
from struct import pack
from typing import Any

from amqp import spec
from amqp.basic_message import Message
from amqp.method_framing import frame_writer
from amqp.serialization import dumps

from harness.contenders.celery.lean.bodies import Bodies
from harness.contenders.celery.lean.publication import Publication
from harness.contenders.celery.lean.template import Template

METHOD, HEADER, BODY = 1, 2, 3
END = b"\xce"
FLAGS_BYTES = 2
ID, ARGUMENTS, CORRELATION = "@workbench-id@", "@workbench-arguments@", "@workbench-correlation@"


class AmqpMessages:
    """The frames with slots for the id, the body and the text of the arguments."""

    key = b""
    """The frames themselves name the queue."""

    def __init__(self, app: Any, task: Any, example: Publication) -> None:
        message = example.message
        properties = message.properties
        self._bodies = Bodies(app, task, properties["content_type"], properties["application_headers"])
        self._channel = int(example.channel.channel_id)
        """The number of the channel; the publisher's own connection has the same."""
        self._chunk = int(example.channel.connection.frame_max) - 8
        self._method = frame(METHOD, self._channel, _method(example.options))
        self._before, self._table, self._after = _templates(properties)

    def made(self, task_id: str, kwargs: dict[str, Any]) -> bytes:
        """The frames of one request."""
        body, arguments = self._bodies.made(kwargs)
        ident, text = task_id.encode(), arguments.encode()
        values = {"id": pack(">L", len(ident)) + ident, "arguments": pack(">L", len(text)) + text}
        table = self._table.filled(values)
        after = self._after.filled({"correlation": bytes([len(ident)]) + ident})
        header = pack(">HHQ", spec.Basic.CLASS_ID, 0, len(body)) + self._before + pack(">L", len(table)) + table + after
        frames = [self._method, frame(HEADER, self._channel, header)]
        frames += [frame(BODY, self._channel, part) for part in _parts(body, self._chunk)]
        return b"".join(frames)

    def differences(self, publication: Publication, made: bytes) -> list[str]:
        """Of the bytes on the wire."""
        return [] if written(publication) == made else ["the frames of basic.publish"]


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """One frame of AMQP 0-9-1."""
    return pack(">BHI", kind, channel, len(payload)) + payload + END


def written(publication: Publication) -> bytes:
    """What py-amqp would send."""
    channel, text = publication.channel, bytearray()
    write = frame_writer(_Sizes(channel.connection.frame_max), _Collected(text))
    arguments = _method(publication.options)[4:]
    write(METHOD, channel.channel_id, spec.Basic.Publish, arguments, publication.message)
    return bytes(text)


class _Sizes:
    """What py-amqp's writer asks of a connection."""

    def __init__(self, frame_max: int) -> None:
        self.frame_max = frame_max
        self.bytes_sent = 0


class _Collected:
    """What it asks of a transport."""

    def __init__(self, text: bytearray) -> None:
        self.write = text.extend


def _method(options: dict[str, Any]) -> bytes:
    """`basic.publish` with its arguments."""
    arguments = (0, options["exchange"], options["routing_key"], options["mandatory"], options["immediate"])
    return pack(">HH", *spec.Basic.Publish) + bytes(dumps("Bssbb", arguments))


def _templates(properties: dict[str, Any]) -> tuple[bytes, Template, Template]:
    """The properties of a message: what stands before the length of its headers, the headers, what follows."""
    headers = properties["application_headers"] | {"id": ID, "root_id": ID, "kwargsrepr": ARGUMENTS}
    marked: Any = Message(b"", **properties | {"application_headers": headers, "correlation_id": CORRELATION})
    text = marked._serialize_properties()
    table = bytes(dumps("F", (headers,)))
    names = properties["content_type"], properties["content_encoding"]
    begin = FLAGS_BYTES + len(dumps("ss", names))
    end = begin + len(table)
    long = {"id": ID, "arguments": ARGUMENTS}
    marks = {slot: pack(">L", len(mark)) + mark.encode() for slot, mark in long.items()}
    short = {"correlation": bytes([len(CORRELATION)]) + CORRELATION.encode()}
    return text[:begin], Template(table[4:], marks), Template(text[end:], short)


def _parts(body: bytes, most: int) -> Iterator[bytes]:
    for begin in range(0, len(body), most):
        yield body[begin : begin + most]
