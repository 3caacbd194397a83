"""Ready-made messages of a task, on any transport."""

from typing import Any, Protocol

from harness.contenders.celery.lean.amqp_messages import AmqpMessages
from harness.contenders.celery.lean.publication import Publication, published
from harness.contenders.celery.lean.redis_messages import RedisMessages
from harness.errors import UsageError

PROBE, OTHER_PROBE = "0.probe", "0.another-probe"
"""Ids that no request has."""


class Messages(Protocol):
    """What a publisher sends, by id and payload."""

    key: bytes
    """Where it sends them, unless they say so themselves."""

    def made(self, task_id: str, kwargs: dict[str, Any]) -> bytes:
        """The message of one request, as it goes over the wire; raises TypeError where the task does not take it."""
        ...

    def differences(self, publication: Publication, made: bytes) -> list[str]:
        """The fields in which a message made here is not what the application has published."""
        ...


def ready_made(app: Any, task: Any, queue: str, kwargs: dict[str, Any]) -> Messages:
    """The messages of a task, by the example of one that the application publishes; a second one proves them.

    Raises UsageError where they would not be the same.
    """
    with app.producer_or_acquire() as producer:
        example = _only(published(producer, task, PROBE, kwargs, queue=queue))
        kind = RedisMessages if isinstance(example.message, dict) else AmqpMessages
        messages: Messages = kind(app, task, example)
        proof = _only(published(producer, task, OTHER_PROBE, kwargs, queue=queue))
    different = messages.differences(proof, messages.made(OTHER_PROBE, kwargs))
    if different:
        raise UsageError(
            f"ready-made messages of the task {task.name} would differ from those of apply_async in "
            f"{', '.join(different)}. Use +usual-producer."
        )
    return messages


def _only(publications: list[Publication]) -> Publication:
    if len(publications) != 1:
        raise UsageError(
            f"a request is {len(publications)} messages; a lean producer can only make one. Use +usual-producer."
        )
    return publications[0]
