"""A Redis of the tests' own, and an application on each broker; no worker."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from celery import Celery
from kombu import Connection, Producer
from kombu.transport import pyamqp
from redis import Redis

from harness.services.brokers.broker import RPC, BrokerPlace, BrokerService, broker_url, kind

QUEUE = "lean"
PREFIX = "workbench:[lean]:"
"""With characters that mean something in a pattern."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def redis(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server, ended at the end."""
    broker = await kind("redis").open(None, "", Path(tmp_path_factory.mktemp("redis")))
    yield broker
    await broker.close(2)


@pytest.fixture
def on_redis(redis: BrokerService) -> Iterator[Celery]:
    """An application there, below a prefix."""
    with Redis.from_url(redis.place.url.reveal()) as client:
        client.flushall()
    yield from _closed(application(redis.place._replace(key_prefix=PREFIX)))


@pytest.fixture
def on_rabbitmq() -> Iterator[Celery]:
    """An application that is never connected."""
    yield from _closed(application(BrokerPlace(broker_url("amqp://user:word@127.0.0.1:1//"), RPC)))


def application(place: BrokerPlace) -> Celery:
    """One of its own, as the run's is configured."""
    prefixed = {"global_keyprefix": place.key_prefix}
    app = Celery("lean", broker=place.url.reveal(), backend=place.backend.reveal(), set_as_current=False)
    app.conf.update(
        broker_transport_options=prefixed if place.url.scheme.startswith("redis") else {},
        result_backend_transport_options=prefixed if place.backend.scheme.startswith("redis") else {},
        task_default_queue=QUEUE,
        accept_content=["json", "msgpack"],
    )
    return app


def _closed(app: Celery) -> Iterator[Celery]:
    yield app
    app.close()


class Unconnected(pyamqp.Channel):
    """A channel to RabbitMQ that prepares messages, and declares nothing."""

    is_open = True

    def __init__(self, frame_max: int = 131072) -> None:
        self.channel_id = 1
        client = Connection("amqp://127.0.0.1:1//")
        self.connection: Any = SimpleNamespace(frame_max=frame_max, client=client, connected=True)
        self.declared: list[str] = []

    def exchange_declare(self, *_: Any, **options: Any) -> None:
        """Not asked of anybody."""

    def queue_declare(self, queue: str = "", *_: Any, **options: Any) -> Any:
        """Noted."""
        self.declared.append(queue)
        return queue, 0, 0

    def queue_bind(self, *_: Any, **options: Any) -> None:
        """Not asked of anybody."""

    def __del__(self) -> None:
        """It holds nothing."""


def unconnected_producer(channel: Unconnected) -> Any:
    """A kombu producer on that channel."""
    producer: Any = Producer(channel)
    producer.__connection__ = channel.connection.client
    return producer
