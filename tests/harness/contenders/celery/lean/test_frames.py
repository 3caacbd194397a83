"""Frames of AMQP as they arrive."""

from struct import pack

import pytest
from amqp import spec
from amqp.basic_message import Message

from harness.contenders.celery.lean.amqp_messages import BODY, HEADER, METHOD, frame
from harness.contenders.celery.lean.frames import HEARTBEAT, Closed, Frames

DELIVER = frame(METHOD, 1, pack(">HH", *spec.Basic.Deliver) + b"\x01c" + pack(">QB", 1, 0) + b"\x00\x01q")


def delivered(body: bytes, correlation_id: str, part: int) -> bytes:
    """A message in frames whose bodies have at the most `part` bytes."""
    properties = Message(body, correlation_id=correlation_id)._serialize_properties()  # type: ignore[attr-defined]
    header = frame(HEADER, 1, pack(">HHQ", spec.Basic.CLASS_ID, 0, len(body)) + properties)
    parts = [frame(BODY, 1, body[begin : begin + part]) for begin in range(0, len(body), part)]
    return b"".join([DELIVER, header, *parts])


@pytest.mark.parametrize("at_once", [1, 3, 7, 8, 50, 10_000])
def test_messages_are_put_together_however_they_arrive(at_once: int) -> None:
    """In one piece or in many; heartbeats between them mean nothing; one may be empty."""
    sent = [(b"first", "1.1"), (b"", "1.2"), (b"x" * 500, "1.3")]
    text = frame(HEARTBEAT, 0, b"").join(delivered(body, ident, 100) for body, ident in sent)
    frames, found = Frames(), []
    for begin in range(0, len(text), at_once):
        found += [(one.body, one.properties["correlation_id"]) for one in frames.fed(text[begin : begin + at_once])]
    assert found == sent


@pytest.mark.parametrize("method", [spec.Channel.Close, spec.Connection.Close])
def test_that_the_other_end_closes_is_raised_with_its_reason(method: tuple[int, int]) -> None:
    """What came before it is delivered."""
    reason = b"PRECONDITION_FAILED - too large"
    closing = frame(METHOD, 1, pack(">HHHB", *method, 406, len(reason)) + reason + pack(">HH", 60, 40))
    arriving = Frames().fed(delivered(b"body", "1.1", 100) + closing)
    assert next(arriving).body == b"body"
    with pytest.raises(Closed, match="406 PRECONDITION_FAILED - too large"):
        next(arriving)
