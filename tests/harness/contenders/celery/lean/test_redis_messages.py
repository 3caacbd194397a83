"""Ready-made messages on Redis, field by field against those of `apply_async`."""

import json
from typing import Any

import pytest
from celery import Celery, signals

from harness.contenders.celery.lean.bodies import is_again
from harness.contenders.celery.lean.messages import ready_made
from harness.contenders.celery.lean.redis_messages import fields
from harness.errors import UsageError
from tests.harness.contenders.celery.lean.conftest import PREFIX, QUEUE
from tests.harness.contenders.celery.lean.tasks import AS_ATTRIBUTES, OPTIONS, PAYLOADS, task_with

pytestmark = [pytest.mark.asyncio(loop_scope="module"), AS_ATTRIBUTES]
MAIN = {"body", "content-encoding", "content-type", "headers.id", "headers.task", "headers.kwargsrepr"}
PROPERTIES = {"correlation_id", "reply_to", "delivery_mode", "delivery_info", "priority", "body_encoding"}


def in_list(app: Celery, key: str) -> list[dict[str, Any]]:
    """The messages in a list of Redis, the oldest first; they are taken out."""
    with app.producer_or_acquire() as producer:
        client = producer.channel.client
        texts = client.execute_command("LRANGE", PREFIX + key, 0, -1)
        client.delete(key)
    return [json.loads(text) for text in reversed(texts)]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("options", OPTIONS)
async def test_a_message_is_what_apply_async_publishes(on_redis: Celery, options: str, payload: str) -> None:
    """In the same list, with every header and property, except the delivery tag."""
    task, kwargs = task_with(on_redis, OPTIONS[options]), PAYLOADS[payload]
    queue = OPTIONS[options].get("queue", QUEUE)
    messages = ready_made(on_redis, task, queue, kwargs)
    made = json.loads(messages.made("7.1234", kwargs))
    task.apply_async(kwargs=kwargs, task_id="7.1234", queue=queue)
    key = messages.key.decode().removeprefix(PREFIX)
    (published,) = in_list(on_redis, key)
    assert fields(made) == fields(published)
    assert MAIN | {f"properties.{name}" for name in PROPERTIES} <= set(fields(made))
    tags = {one["properties"]["delivery_tag"] for one in (made, published)}
    assert {len(tag) for tag in tags} == {36}
    assert len(tags) == 2


async def test_a_message_made_for_another_payload_is_right_too(on_redis: Celery) -> None:
    """The example's payload leaves nothing behind."""
    task = task_with(on_redis, {})
    messages = ready_made(on_redis, task, QUEUE, PAYLOADS["nested"])
    for number, kwargs in enumerate(PAYLOADS.values()):
        task.apply_async(kwargs=kwargs, task_id=f"8.{number}", queue=QUEUE)
        (published,) = in_list(on_redis, QUEUE)
        assert fields(json.loads(messages.made(f"8.{number}", kwargs))) == fields(published)


async def test_making_messages_publishes_nothing(on_redis: Celery) -> None:
    """Neither the example nor its proof reaches the queue, and no result is waited for."""
    ready_made(on_redis, task_with(on_redis, {}), QUEUE, {})
    assert in_list(on_redis, QUEUE) == []
    backend: Any = on_redis.backend
    assert backend.result_consumer._pubsub is None


async def test_arguments_that_the_task_does_not_take_are_refused_as_by_apply_async(on_redis: Celery) -> None:
    """Before anything is published."""
    messages = ready_made(on_redis, task_with(on_redis, {}), QUEUE, {})
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        messages.made("9.1", {"other": 1})


async def test_a_message_that_would_differ_is_refused_with_the_fields(on_redis: Celery) -> None:
    """Here something changes each message as it is published."""

    def change(headers: dict[str, Any], **_: Any) -> None:
        headers["shadow"] = f"about {headers['id']}"

    signals.before_task_publish.connect(change)
    try:
        with pytest.raises(UsageError, match=r"lean\.work would differ .* in headers\.shadow\. Use \+usual-producer"):
            ready_made(on_redis, task_with(on_redis, {}), QUEUE, {})
    finally:
        signals.before_task_publish.disconnect(change)


async def test_a_request_of_several_messages_is_refused(on_redis: Celery) -> None:
    """Here there is an event for each task that is sent."""
    on_redis.conf.task_send_sent_event = True
    with pytest.raises(UsageError, match=r"a request is 2 messages.*\+usual-producer"):
        ready_made(on_redis, task_with(on_redis, {}), QUEUE, {})


async def test_a_payload_is_serialized_again_unless_it_is_the_very_same(on_redis: Celery) -> None:
    """1 and True are equal, and are different in a message; a list may have changed."""
    assert is_again({"a": "x"}, {"a": "x"})
    assert not is_again({"a": 1}, {"a": True})
    assert not is_again({"a": 1}, {"b": 1})
    assert not is_again({"a": 1}, {})
    changing: list[int] = []
    assert not is_again({"a": changing}, {"a": changing})
