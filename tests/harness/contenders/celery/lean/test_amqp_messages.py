"""Ready-made messages for RabbitMQ, byte by byte against what py-amqp writes for `apply_async`."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from amqp.basic_message import Message
from celery import Celery

from harness.contenders.celery.lean.amqp_messages import AmqpMessages, written
from harness.contenders.celery.lean.messages import ready_made
from harness.contenders.celery.lean.publication import published
from tests.harness.contenders.celery.lean.conftest import QUEUE, Unconnected, unconnected_producer
from tests.harness.contenders.celery.lean.tasks import AS_ATTRIBUTES, OPTIONS, PAYLOADS, task_with

pytestmark = AS_ATTRIBUTES


def producing(app: Celery, channel: Unconnected, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The application publishes through that channel."""
    producer = unconnected_producer(channel)

    @contextlib.contextmanager
    def acquire(given: Any = None) -> Iterator[Any]:
        yield given or producer

    monkeypatch.setattr(app, "producer_or_acquire", acquire)
    return producer


@pytest.mark.parametrize("frame_max", [131072, 4096])
@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("options", OPTIONS)
def test_the_frames_are_those_of_apply_async(
    on_rabbitmq: Celery, monkeypatch: pytest.MonkeyPatch, options: str, payload: str, frame_max: int
) -> None:
    """Method, header with every property, and as many frames of the body as it needs."""
    channel = Unconnected(frame_max)
    producer = producing(on_rabbitmq, channel, monkeypatch)
    task, kwargs = task_with(on_rabbitmq, OPTIONS[options]), PAYLOADS[payload]
    queue = OPTIONS[options].get("queue", QUEUE)
    messages = ready_made(on_rabbitmq, task, queue, {"data": "of the example"})
    assert isinstance(messages, AmqpMessages)
    (publication,) = published(producer, task, "7.1234", kwargs, queue=queue)
    made = messages.made("7.1234", kwargs)
    assert made == written(publication)
    assert channel.declared == [queue]
    if frame_max > len(made):
        assert_read_back(made, publication.message)


def assert_read_back(made: bytes, message: Message) -> None:
    """What a reader gets of these frames is the message."""
    from harness.contenders.celery.lean.frames import Frames

    (delivery,) = Frames().fed(made)
    given = {name: value for name, value in message.properties.items() if value is not None}
    assert delivery.properties == given
    assert {"correlation_id", "reply_to", "delivery_mode", "content_type", "application_headers"} <= set(given)
    assert delivery.body == (message.body if isinstance(message.body, bytes) else message.body.encode())


def test_a_message_that_would_differ_is_refused(on_rabbitmq: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its difference is seen in the frames."""
    producer = producing(on_rabbitmq, Unconnected(), monkeypatch)
    task = task_with(on_rabbitmq, {})
    messages = ready_made(on_rabbitmq, task, QUEUE, {})
    (other,) = published(producer, task, "7.1", {}, queue=QUEUE, priority=3)
    assert messages.differences(other, messages.made("7.1", {})) == ["the frames of basic.publish"]
