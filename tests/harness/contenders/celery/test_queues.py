"""How queues are declared."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from celery import Celery

from harness.contenders.celery.queues import _remove, know_run_queue, waiting_queue
from harness.contenders.settings.celery_setting import QUEUE_ARGUMENTS
from harness.services.brokers.broker import broker_url
from harness.services.waiting_places import waiting_place

REDIS = waiting_place(broker_url("redis://x"), None)
RABBIT = waiting_place(broker_url("amqp://x//"), None)


def known(place: Any, **conf: Any) -> Any:
    """The queue of a run, as an application with those settings knows it."""
    app = Celery("x", set_as_current=False, fixups=[])
    app.conf.update(conf)
    know_run_queue(app, "run:q", place)
    return app.amqp.queues["run:q"]


def test_a_runs_queue_on_rabbitmq_goes_when_nobody_uses_it() -> None:
    """A run that was killed cannot remove it; its exchange goes with it. It is durable, as Celery's are."""
    queue = known(RABBIT)
    assert queue.expires
    assert queue.durable
    assert queue.exchange.auto_delete
    assert (queue.exchange.name, queue.routing_key) == ("run:q", "run:q")


def test_on_redis_it_is_celerys_own() -> None:
    """A time limit would cost commands for each message."""
    queue = known(REDIS)
    assert queue.expires is None
    assert not queue.exchange.auto_delete


def test_it_is_of_the_type_that_settings_ask_for() -> None:
    """As a queue that nobody has declared would be."""
    quorum = {"x-queue-type": "quorum"}
    assert known(RABBIT, task_create_missing_queue_type="quorum").queue_arguments == quorum
    asked = known(RABBIT, task_default_queue="run:q", task_default_queue_type="quorum")
    assert (asked.queue_arguments, bool(asked.expires)) == (quorum, True)


def test_it_has_the_arguments_that_settings_ask_for() -> None:
    """Beside its type."""
    limited = {QUEUE_ARGUMENTS: {"x-max-length": 7}}
    assert known(RABBIT, **limited).queue_arguments == {"x-max-length": 7}
    both = known(RABBIT, task_create_missing_queue_type="quorum", **limited)
    assert both.queue_arguments == {"x-queue-type": "quorum", "x-max-length": 7}


@pytest.mark.parametrize("place", [REDIS, RABBIT])
def test_those_that_wait_share_an_exchange(place: Any) -> None:
    """In Redis, an exchange is a key that stays."""
    one, other = waiting_queue("idle:a", place), waiting_queue("driver:b", place)
    assert one.exchange.name == other.exchange.name
    assert (one.routing_key, other.routing_key) == ("idle:a", "driver:b")


class Client:
    """A Redis with a table of replies, and perhaps somebody else who waits."""

    def __init__(self, others: int) -> None:
        self.others = others
        self.deleted: set[str] = set()

    def exists(self, key: str) -> int:
        """Whether others wait."""
        return self.others

    def smembers(self, key: str) -> set[bytes]:
        """A run that was killed had a list of replies."""
        return {b"a\x06\x16\x06\x16a.reply.celery.pidbox"} if key == "_kombu.binding.reply.celery.pidbox" else set()

    def delete(self, *keys: str) -> None:
        """Noted."""
        self.deleted.update(keys)


@pytest.mark.parametrize("others", [0, 1])
def test_the_last_one_that_waited_removes_what_runs_have_not_read(others: int) -> None:
    """With the table goes the only trace of where it lies: nobody could find it later."""
    client = Client(others)
    channel, queue = SimpleNamespace(client=client), MagicMock()
    _remove(queue, channel)
    assert ("a.reply.celery.pidbox" in client.deleted) == (not others)
    assert ("_kombu.binding.reply.celery.pidbox" in client.deleted) == (not others)
