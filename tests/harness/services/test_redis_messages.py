"""Messages of a trial that wait or are held on a Redis: found and removed by name, among any number of other keys."""

import json
from pathlib import Path

import redis

from harness.services import redis_messages
from harness.services.brokers.broker import Left, kind

BROKER = kind("redis")


def message(number: int, trial: int = 7) -> bytes:
    """As kombu keeps one that waits."""
    return json.dumps({"headers": {"id": f"{trial}.{number}"}}).encode()


def held(number: int, trial: int = 7) -> bytes:
    """As it keeps one that was taken."""
    return json.dumps([json.loads(message(number, trial)), "", "q"]).encode()


async def test_what_a_queues_own_workers_hold_is_found_by_its_name(tmp_path: Path) -> None:
    """Also where their visibility timeout is not the usual one; no keyspace is scanned, and nothing of others goes."""
    own = await BROKER.open(None, "", tmp_path)
    try:
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            client.rpush("p:q", message(1))
            client.hset("p:unacked", mapping={"a": held(2), "b": held(2, trial=8)})
            client.hset("p:q.unacked", "c", held(3))
            client.zadd("p:q.unacked_index", {"c": 1, "d": 1})
            client.hset("p:other.unacked", "e", held(4))
            assert redis_messages.left(client, "p:", "q", 7) == Left(frozenset({1}), frozenset({2, 3}))
            redis_messages.clear(client, "p:", "q", 7)
            assert redis_messages.left(client, "p:", "q", 7) == Left(frozenset(), frozenset())
            assert client.hkeys("p:unacked") == [b"b"]
            assert client.zrange("p:q.unacked_index", 0, -1) == [b"d"]
            assert client.hkeys("p:other.unacked") == [b"e"]
            assert "cmdstat_scan" not in client.info("commandstats")
    finally:
        await own.close(2)
