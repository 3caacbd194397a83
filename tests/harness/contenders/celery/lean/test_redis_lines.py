"""Publishing and results over real connections to Redis: what goes wrong there, and what users may."""

import asyncio
from typing import Any

import pytest
from celery import Celery, states
from kombu.exceptions import OperationalError
from redis import Redis

from harness.contenders.celery.lean.batch import Batch
from harness.contenders.celery.lean.redis_lines import RedisPublisher, RedisResults
from harness.services.brokers.broker import BrokerService
from tests.harness.contenders.celery.lean.conftest import PREFIX, application
from tests.running import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning"),  # by Celery
]


def batch_of(*ids: str) -> Batch:
    """A message for each."""
    batch = Batch()
    for task_id in ids:
        batch.add(task_id, task_id.encode(), asyncio.get_running_loop().create_future())
    return batch


def client_of(redis: BrokerService) -> Any:
    """Another client."""
    return Redis.from_url(redis.place.url.reveal())


def publisher_of(app: Celery) -> RedisPublisher:
    """Open."""
    with app.producer_or_acquire() as producer:
        publisher = RedisPublisher(producer.channel.pool, lambda: None)
    publisher.open()
    return publisher


async def test_a_batch_lies_in_the_list_in_its_order(redis: BrokerService, on_redis: Celery) -> None:
    """A worker takes them from the other end."""
    publisher = publisher_of(on_redis)
    batch = batch_of("1.1", "1.2")
    publisher.send(b"list", batch)
    publisher.send(b"list", batch_of("1.3"))
    with client_of(redis) as client:
        await until(lambda: client.llen("list") == 3)
        assert [client.rpop("list") for _ in range(3)] == [b"1.1", b"1.2", b"1.3"]
    assert batch.published_ns
    assert not batch.waiting[0].done()
    publisher.close()


async def test_what_redis_refuses_has_failed(redis: BrokerService, on_redis: Celery) -> None:
    """That batch, and no other."""
    publisher = publisher_of(on_redis)
    with client_of(redis) as client:
        client.set("no list", "text")
        before, refused, after = batch_of("1.1"), batch_of("1.2", "1.3"), batch_of("1.4")
        for key, batch in ((b"list", before), (b"no list", refused), (b"list", after)):
            publisher.send(key, batch)
        await until(lambda: all(future.done() for future in refused.waiting))
        assert {str(future.exception()).split()[0] for future in refused.waiting} == {"WRONGTYPE"}
        await until(lambda: client.llen("list") == 2)
        assert not before.waiting[0].done()
        assert not after.waiting[0].done()
        client.delete("list", "no list")
    publisher.close()


async def test_a_publisher_that_loses_its_connection_goes_on(redis: BrokerService, on_redis: Celery) -> None:
    """What was under way has failed: nobody knows whether Redis has it."""
    publisher = publisher_of(on_redis)
    with client_of(redis) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        under_way = batch_of("1.1")
        publisher.send(b"list", under_way)
        await until(under_way.waiting[0].done)
        assert isinstance(under_way.waiting[0].exception(), OperationalError)
        await until(lambda: publisher.up)
        publisher.send(b"list", batch_of("1.2"))
        await until(lambda: client.lrange("list", 0, 0) == [b"1.2"])
        client.delete("list")
    publisher.close()


class Arrivals:
    """Results of trial 5 of an application, as they arrive."""

    def __init__(self, app: Celery) -> None:
        self.app: Any = app
        self.metas: dict[str, Any] = {}
        self.ups = 0
        self.results = RedisResults(self.app.backend, 5, self._arrived, self._up)
        self.results.open()

    def _arrived(self, task_id: str, stored: Any) -> None:
        self.metas[task_id] = self.results.decoded(stored)

    def _up(self) -> None:
        self.ups += 1

    def store(self, task_id: str, reply: Any) -> None:
        """As a worker does."""
        self.app.backend.store_result(task_id, reply, states.SUCCESS)

    def replies(self) -> dict[str, Any]:
        """By id."""
        return {task_id: meta["result"] for task_id, meta in self.metas.items()}


async def test_all_results_of_the_trial_arrive_and_no_others(on_redis: Celery) -> None:
    """By one subscription; the metadata are those that the backend reads."""
    arrivals = Arrivals(on_redis)
    await until(lambda: arrivals.ups)
    replies = {"5.1": None, "5.2": {"deep": [1, 2.5, "ü"]}, "5.3": float("inf"), "5.4": "__type__"}
    for task_id, reply in {"4.1": 1, "55.1": 1, **replies}.items():
        arrivals.store(task_id, reply)
    await until(lambda: len(arrivals.metas) == len(replies))
    assert arrivals.replies() == replies
    for task_id, meta in arrivals.metas.items():
        assert meta == arrivals.app.backend.get_task_meta(task_id)
    arrivals.results.close()


async def test_what_a_task_raised_arrives_as_its_exception(on_redis: Celery) -> None:
    """Of its own type."""
    arrivals = Arrivals(on_redis)
    await until(lambda: arrivals.ups)
    arrivals.app.backend.store_result("5.9", KeyError("lost"), states.FAILURE)
    await until(lambda: arrivals.metas)
    assert repr(arrivals.metas["5.9"]["result"]) == "KeyError('lost')"
    arrivals.results.close()


async def test_results_that_were_stored_without_a_connection_can_be_looked_up(
    redis: BrokerService, on_redis: Celery
) -> None:
    """The connection comes up again by itself."""
    arrivals = Arrivals(on_redis)
    await until(lambda: arrivals.ups)
    with client_of(redis) as client:
        client.client_kill_filter(_type="pubsub")
    arrivals.store("5.1", "missed")
    await until(lambda: arrivals.ups == 2)
    stored = dict(arrivals.results.stored(["5.1", "5.2"]))
    assert {task_id: arrivals.results.decoded(value)["result"] for task_id, value in stored.items()} == {
        "5.1": "missed"
    }
    arrivals.store("5.3", "again")
    await until(lambda: arrivals.replies() == {"5.3": "again"})
    arrivals.results.close()


async def test_a_user_who_may_not_subscribe_to_a_pattern_gets_each_result(redis: BrokerService) -> None:
    """By subscriptions in bulk, which end in bulk; other users' channels stay closed."""
    rights = PREFIX.replace("[", "\\[").replace("]", "\\]") + "*"
    url = redis.place.url.changed(user="lean", password="word")  # noqa: S106 - made up
    with client_of(redis) as client:
        client.flushall()
        client.execute_command("ACL", "SETUSER", "lean", "on", ">word", f"~{rights}", f"&{rights}", "+@all")
        place = redis.place._replace(url=url, backend=url)
        app = application(place._replace(key_prefix=PREFIX))
        arrivals = Arrivals(app)
        await until(lambda: arrivals.ups)
        arrivals.results.expect(["5.1", "5.2"])
        await until(lambda: len(client.pubsub_channels("*5.*")) == 2)
        arrivals.store("5.1", "one")
        arrivals.store("5.2", "two")
        await until(lambda: arrivals.replies() == {"5.1": "one", "5.2": "two"})
        for task_id in ("5.1", "5.2"):
            arrivals.results.forget(task_id)
        arrivals.results.expect(["5.3"])
        await until(lambda: len(client.pubsub_channels("*5.*")) == 1)
        arrivals.results.close()
        app.close()
        client.execute_command("ACL", "DELUSER", "lean")
