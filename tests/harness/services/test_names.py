"""A name on a broker is that of one process, which loses it once it has ended."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from amqp.exceptions import NotFound, ResourceLocked

from harness.machine.lifetime import owner
from harness.services import rabbit_name, rabbit_queues, redis_name
from harness.services.brokers import rabbitmq
from harness.services.brokers.broker import broker_url
from harness.services.brokers.rabbitmq import RabbitBroker
from harness.services.brokers.redis import BROKER
from harness.services.names import HELD_S
from harness.services.rabbit_name import RabbitName
from harness.services.redis_name import RedisName
from harness.services.url import Url

AMQP = broker_url("amqp://h//")
ELSEWHERE = "another-boot 1 {} 3"
"""A process of which nobody here knows whether it lives."""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[Url]:
    """Of a Redis."""
    own = await BROKER.open(None, "", tmp_path)
    yield own.place.url
    await own.close(2)


@pytest.fixture
def named(url: Url, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], RedisName]:
    """The name w for a process."""

    def make(process: str) -> RedisName:
        monkeypatch.setattr(redis_name, "owner", lambda: process)
        return RedisName(url, "w")

    return make


async def test_of_several_that_ask_at_the_same_moment_one_has_it(named: Callable[[str], RedisName]) -> None:
    """Until it gives it back; by then it is kept as often as it is asked for."""
    names = [named(ELSEWHERE.format(number)) for number in range(8)]
    barrier = Barrier(len(names))

    def hold(name: RedisName) -> bool:
        barrier.wait()
        return name.hold()

    with ThreadPoolExecutor(len(names)) as threads:
        held = await asyncio.to_thread(lambda: list(threads.map(hold, names)))
    assert held.count(True) == 1
    first, second = names[held.index(True)], names[held.index(False)]
    assert (first.hold(), second.hold()) == (True, False)
    second.leave()
    assert (first.hold(), second.hold()) == (True, False)
    first.leave()
    assert (second.hold(), first.hold()) == (True, False)


async def test_what_another_process_has_taken_meanwhile_is_not_given_back(
    named: Callable[[str], RedisName], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had expired between the question whose it is and its deletion."""
    first, second = named(ELSEWHERE.format(1)), named(ELSEWHERE.format(2))
    assert first.hold()
    pipeline = first._client.pipeline

    def taken_over(**options: Any) -> Any:
        together = pipeline(**options)
        asked = together.get

        def get(key: str) -> Any:
            owner_then = asked(key)
            second._client.delete(key)
            assert second.hold()
            return owner_then

        monkeypatch.setattr(together, "get", get)
        return together

    monkeypatch.setattr(first._client, "pipeline", taken_over)
    first.leave()
    assert second.hold()
    assert second._client.get("workbench:name:w") == ELSEWHERE.format(2).encode()


async def test_that_of_a_process_that_has_ended_is_free(named: Callable[[str], RedisName]) -> None:
    """At once on the same machine, and after a time elsewhere."""
    dead = named(owner().rpartition(" ")[0] + " 1")
    assert dead.hold()
    elsewhere, here = named(ELSEWHERE.format(2)), named(owner())
    assert (elsewhere.hold(), here.hold()) == (True, False)
    assert 0 < elsewhere._client.pttl("workbench:name:w") <= HELD_S * 1000


class Server:
    """A RabbitMQ, as far as queues of connections go."""

    def __init__(self) -> None:
        self.queues: dict[str, object] = {}
        self.opened: list[float] = []
        self.is_away = False

    @contextlib.contextmanager
    def __call__(self, url: Url, *, heartbeat_s: float = 0.0) -> Iterator[SimpleNamespace]:
        """In place of a connection."""
        mine = object()

        def declare(name: str, *, passive: bool = False, exclusive: bool = False) -> SimpleNamespace:
            if self.is_away:
                raise ConnectionResetError
            if passive and name not in self.queues:
                raise NotFound
            if self.queues.setdefault(name, mine) is not mine:
                raise ResourceLocked
            assert passive or exclusive
            return SimpleNamespace(message_count=0)

        self.opened.append(heartbeat_s)
        yield SimpleNamespace(channel=lambda: SimpleNamespace(queue_declare=declare))
        self.queues = {name: whose for name, whose in self.queues.items() if whose is not mine}


def test_on_a_rabbitmq_it_is_that_of_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which says something in time; after the broker was away, another one takes it."""
    server = Server()
    monkeypatch.setattr(rabbit_name, "connected", server)
    first, second = RabbitName(AMQP, "w"), RabbitName(AMQP, "w")
    assert [first.hold(), second.hold(), first.hold()] == [True, False, True]
    assert server.opened == [HELD_S / 2] * 2
    server.is_away = True
    with pytest.raises(ConnectionResetError):
        first.hold()
    server.is_away = False
    assert (second.hold(), first.hold()) == (True, False)
    second.leave()
    assert first.hold()


@pytest.mark.parametrize(
    ("of_others", "vhost", "are_one"),
    [(False, "//", True), (True, "//", False), (False, "/x", False)],
)
def test_two_rabbitmqs_of_one_name_are_told_apart_by_their_queues(
    of_others: bool, vhost: str, are_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is declared on the one is there on the other, or is not; nothing is left there."""
    monkeypatch.setattr(rabbit_queues, "POLL_S", 0.0)
    servers = [Server(), Server()]
    urls = [broker_url("amqp://a//"), broker_url(f"amqp://b{vhost}")]
    place = dict(zip(urls, (servers[0], servers[of_others]), strict=True))
    monkeypatch.setattr(rabbitmq, "connected", lambda url: place[url](url))
    said = {"version": "4", "cluster_name": "rabbit@same"}
    one, other = (RabbitBroker(url, "", said, None, shared=True) for url in urls)
    assert rabbitmq.BROKER.are_one(one, other) == are_one
    assert not any(server.queues for server in servers)
