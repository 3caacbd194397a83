"""Ready-made messages for a list in Redis, as kombu's virtual transport pushes them."""

import json
from base64 import b64encode
from itertools import count, repeat
from typing import Any, NamedTuple

from kombu.utils.json import dumps
from kombu.utils.uuid import uuid

from harness.contenders.celery.lean.bodies import Bodies
from harness.contenders.celery.lean.publication import Publication
from harness.contenders.celery.lean.template import Template
from harness.errors import UsageError

MARKS = {slot: f"@workbench-{slot}@" for slot in ("id", "arguments", "body", "tag")}


class Push(NamedTuple):
    """The command with which kombu delivers a message."""

    key: str
    text: str


class RedisMessages:
    """JSON text with slots for the id, the body, the text of the arguments and the delivery tag."""

    def __init__(self, app: Any, task: Any, example: Publication) -> None:
        self._channel = example.channel
        self.key = example.channel.global_keyprefix.encode() + pushed(example).key.encode()
        """Of the list in Redis."""
        message = example.message  # with what pushing it has added
        self._in_base64 = message["properties"]["body_encoding"] == "base64"
        self._tags = (f"{tag}{number:012x}" for tag, number in zip(repeat(uuid()[:-12]), count()))
        """Of the form and the length of kombu's, which are random as a whole: that takes as long as the rest."""
        self._bodies = Bodies(app, task, message["content-type"], message["headers"])
        marked = dumps(_marked(message)).encode()
        self._template = Template(marked, {slot: mark.encode() for slot, mark in MARKS.items()})

    def made(self, task_id: str, kwargs: dict[str, Any]) -> bytes:
        """The text of one request."""
        body, arguments = self._bodies.made(kwargs)
        return self._template.filled(
            {
                "id": task_id.encode(),
                "body": b64encode(body) if self._in_base64 else _escaped(body.decode()),
                "arguments": _escaped(arguments),
                "tag": next(self._tags).encode(),
            }
        )

    def differences(self, publication: Publication, made: bytes) -> list[str]:
        """By field; the delivery tag differs from message to message."""
        key, text = pushed(publication)
        known, mine = fields(json.loads(text)), fields(json.loads(made))
        different = [name for name in {**known, **mine} if known.get(name, ...) != mine.get(name, ...)]
        if self._channel.global_keyprefix + key != self.key.decode():
            different.append("queue")
        return different


def pushed(publication: Publication) -> Push:
    """The command that delivers it; raises UsageError where it is not a single LPUSH."""
    commands = _Commands()
    publication.channel.basic_publish(publication.message, _publish_batch=commands, **publication.options)
    if [name for name, _ in commands] != ["lpush"]:
        raise UsageError(
            f"a lean producer pushes to one list; this task's queue needs {commands}. Use +usual-producer."
        )
    ((_, arguments),) = commands
    return Push(*arguments)


class _Commands(list[tuple[str, tuple[Any, ...]]]):
    """Stands where kombu's Redis channel collects the commands of a batch."""

    def add(self, name: str, *arguments: Any) -> None:
        self.append((name, arguments))


def fields(message: dict[str, Any]) -> dict[str, Any]:
    """What a message holds, one name a field: all but the delivery tag."""
    properties = message["properties"]
    return {
        **{name: value for name, value in message.items() if name not in ("headers", "properties")},
        **{f"headers.{name}": value for name, value in message["headers"].items()},
        **{f"properties.{name}": value for name, value in properties.items() if name != "delivery_tag"},
    }


def _marked(message: dict[str, Any]) -> dict[str, Any]:
    """With a mark in the place of all that differs from message to message."""
    headers = message["headers"] | {"id": MARKS["id"], "root_id": MARKS["id"], "kwargsrepr": MARKS["arguments"]}
    properties = message["properties"] | {"correlation_id": MARKS["id"], "delivery_tag": MARKS["tag"]}
    return message | {"body": MARKS["body"], "headers": headers, "properties": properties}


def _escaped(text: str) -> bytes:
    """Within the quotes of JSON."""
    return json.dumps(text)[1:-1].encode()
