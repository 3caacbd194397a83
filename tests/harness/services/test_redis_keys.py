"""The keys of runs on a given Redis: those of killed runs go, and no others."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import msgspec
import redis

from harness.machine.lifetime import owner
from harness.services import redis_keys
from harness.services.brokers.broker import EXTERNAL_PREFIX, Observed, left_on
from harness.services.brokers.redis import BROKER
from harness.services.redis_keys import RUNS, Entry


def dead_owner() -> str:
    """A process that had this one's id before it."""
    return owner().rpartition(" ")[0] + " 1"


def entry(who: str, at_s: float = 4e9, queues: Iterable[str] = ("q",)) -> bytes:
    """As a run writes it."""
    return msgspec.json.encode(Entry(who, at_s, list(queues)))


def prefix(name: str) -> str:
    """Of the keys of a run of that name."""
    return f"workbench:{name}:00beef:"


async def test_the_next_run_removes_what_killed_ones_left(tmp_path: Path) -> None:
    """Neither a living run's keys nor anybody else's; of other machines' runs, those that said nothing for days.

    No key is searched for: a given Redis may have any number.
    """
    own = await BROKER.open(None, "", tmp_path)
    try:
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            living = {prefix("living"): entry(owner()), prefix("elsewhere"): entry("b 1 2 3"), prefix("none"): b"?"}
            foreign = dict.fromkeys(["", "user:", "workbench:", "workbench:x:", "\n"], entry(dead_owner()))
            dead = {prefix("dead"): entry(dead_owner()), prefix("x[a]*"): entry(dead_owner())}
            dead |= {prefix("forgotten"): entry("b 1 2 3", 0.0)}
            client.hset(RUNS, mapping=living | foreign | dead)
            client.mset({f"{each}q": 1 for each in (*living, *foreign, *dead, prefix("xa"), "workbench:dea")})
            names = await asyncio.to_thread(left_on, own.place.url, remove=False)
            assert names == sorted(dead)
            client.config_resetstat()
            given = await BROKER.open(own.place.url, prefix("new"), tmp_path)
            assert client.hexists(RUNS, prefix("new"))
            expected = {f"{each}q".encode() for each in (*living, *foreign, prefix("xa"))}
            kept = expected | {b"workbench:deaq", RUNS.encode()}
            assert set(client.keys("*")) == kept
            await asyncio.to_thread(given.note, ["q"])
            client.set(f"{prefix('new')}q", 1)
            await given.close(0)
            assert set(client.keys("*")) == kept
            assert {name.decode() for name in client.hkeys(RUNS)} == {*living, *foreign}
            assert "cmdstat_scan" not in client.info("commandstats")
    finally:
        await own.close(2)


async def test_what_kombu_keeps_of_a_killed_run_is_found_by_kombus_own_notes(tmp_path: Path) -> None:
    """Exchanges whose queues expire, whatever is bound to them, and lists of replies; a set names no others' keys."""
    own = await BROKER.open(None, "", tmp_path)
    try:
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            of = prefix("dead")
            client.zadd(f"{of}_kombu.binding_deadlines", {"x": 1})
            client.sadd(f"{of}_kombu.binding.x", "\x06\x16\x06\x16bound", "\x06\x16\x06\x16")
            client.sadd(f"{of}q.replies", f"{of}q.replies.1", "of somebody else")
            below = ["bound", "bound\x06\x163", "q.replies.1", "unacked_index", "unacked_mutex"]
            below += [f"{name}.unacked{end}" for name in ("bound", "q") for end in ("", "_index", "_mutex")]
            client.mset({f"{of}{name}": 1 for name in below} | {"of somebody else": 1})
            redis_keys.remove_run(client, of, ["q"])
            assert client.keys("*") == [b"of somebody else"]
    finally:
        await own.close(2)


async def test_queues_of_a_killed_run_that_shared_workers_go_too(tmp_path: Path) -> None:
    """They lie beside those of others, and begin with the run's name."""
    own = await BROKER.open(None, "", tmp_path)
    given = await BROKER.open(own.place.url, EXTERNAL_PREFIX, tmp_path, shared=True)
    try:
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            await asyncio.to_thread(given.note, ["run:00beef:q"])
            stored = msgspec.json.decode(client.hget(RUNS, prefix("run")), type=Entry)
            assert (stored.owner, stored.queues) == (owner(), ["run:00beef:q"])
            client.mset({"workbench:run:00beef:q": 1, "workbench:other:00beef:q": 1})
            client.sadd("workbench:_kombu.binding.run:00beef:q", "q")
            client.hset(RUNS, prefix("run"), entry(dead_owner(), queues=stored.queues))
            assert redis_keys.sweep(client) == [prefix("run")]
            assert client.keys("*") == [b"workbench:other:00beef:q"]
    finally:
        await given.close(0)
        await own.close(2)


async def test_who_waited_and_was_killed_leaves_nothing(tmp_path: Path) -> None:
    """Those that are there keep what they have; of a run that goes on, nothing is touched."""
    own = await BROKER.open(None, "", tmp_path)
    try:
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            waiting, pidbox = (f"workbench:_kombu.binding.{name}" for name in ("workbench-waiting", "celery.pidbox"))
            members = [f"{name}\x06\x16\x06\x16{name}" for name in ("idle:a@1", "idle:b@2", "driver:c@3")]
            controlled = [f"\x06\x16\x06\x16{name}.celery.pidbox" for name in ("a@1", "b@2", "c@3")]
            client.sadd(waiting, *members)
            client.sadd(pidbox, *controlled, "of somebody else")
            client.set("workbench:unacked", 1)
            client.hset(RUNS, prefix("living"), entry(owner()))
            assert redis_keys.forget_waiting(client, ["a@1"]) == ["b@2", "c@3"]
            assert client.smembers(waiting) == {members[0].encode()}
            assert client.smembers(pidbox) == {controlled[0].encode(), b"of somebody else"}
            assert redis_keys.forget_waiting(client, []) == ["a@1"]
            assert client.exists("workbench:unacked", pidbox) == 2
            client.delete(RUNS)
            assert redis_keys.forget_waiting(client, []) == []
            assert client.keys("*") == []
    finally:
        await own.close(2)


async def test_a_queue_goes_by_name_and_results_are_searched_on_a_server_of_the_runs_own_alone(tmp_path: Path) -> None:
    """A given Redis may have any number of keys; a queue's name may be the beginning of another's."""
    own = await BROKER.open(None, "", tmp_path)
    given = await BROKER.open(own.place.url, "p:", tmp_path)
    try:
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            made = ["p:q", "p:q\x06\x163", "p:_kombu.binding.q", "p:_kombu.binding_permanent.q", "p:q2", "q"]
            client.mset(dict.fromkeys(made, 1) | {"celery-task-meta-1.1": 1, "celery-task-meta-11.1": 1})
            await asyncio.to_thread(given.remove_queue, "q")
            assert not client.exists(*made[:4])
            assert client.exists(*made[4:]) == 2
            client.xadd("p:stream", {"a": 1})
            client.xgroup_create("p:stream", "workers")
            await asyncio.to_thread(given.remove_queue, "stream")  # a worker that reads one needs its group
            assert (client.xlen("p:stream"), len(client.xinfo_groups("p:stream"))) == (0, 1)
            client.config_resetstat()
            await asyncio.to_thread(given.forget_results, 1, True)
            assert "cmdstat_scan" not in client.info("commandstats")
            await asyncio.to_thread(own.forget_results, 1, False)
            assert not client.exists("celery-task-meta-1.1")
            assert client.exists("celery-task-meta-11.1")
    finally:
        await given.close(0)
        await own.close(2)


def test_keys_are_removed_in_batches() -> None:
    """Not all in one command."""

    class Client:
        """Has many keys."""

        def __init__(self) -> None:
            self.commands: list[int] = []

        def scan_iter(self, match: str, count: int) -> list[bytes]:
            """All of them."""
            return [b"p:%d" % number for number in range(redis_keys.KEYS_AT_ONCE + 1)]

        def unlink(self, *keys: bytes) -> int:
            """As many as were given."""
            self.commands.append(len(keys))
            return len(keys)

    client = Client()
    assert redis_keys.remove_below(client, "p:") == redis_keys.KEYS_AT_ONCE + 1
    assert client.commands == [redis_keys.KEYS_AT_ONCE, 1]


async def test_what_others_do_on_a_server_is_seen(tmp_path: Path) -> None:
    """Commands that change it for all; whether a queue is known; what waits in it, or was taken from it."""
    own = await BROKER.open(None, "", tmp_path)
    try:
        given = await BROKER.open(own.place.url, "p:", tmp_path)
        with redis.Redis.from_url(own.place.url.reveal()) as client:
            client.sadd("p:_kombu.binding.q", "q")
            client.lpush("p:q", "1", "2")
            client.lpush("p:q\x06\x163", "3")
            client.hset("p:unacked", "tag", "4")
            client.lpush("q", "of somebody else")
            assert given.observed("q") == Observed({}, is_bound=True, waiting=4)
            client.config_set("maxclients", 1000)
            client.flushdb()
            client.flushall()
            client.flushall()
            commands = {"CONFIG SET": 1, "FLUSHDB": 1, "FLUSHALL": 2}
            assert given.observed("q") == Observed(commands, is_bound=False, waiting=0)
        await given.close(0)
    finally:
        await own.close(2)
