"""Conversations over a broker: bytes both ways, and their end; all of them over two connections and two threads."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis

from harness.driver.remote.conversation import BrokerConversation, to_driver
from harness.driver.remote.courier import EXPIRES_S, Courier, Letter, Outbox
from harness.driver.remote.switchboard import Switchboard, mailbox_of
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.services.brokers.redis import BROKER, RedisBroker

RUN = "run:00beef"
MAILBOX = mailbox_of(RUN)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RedisBroker]:
    """A Redis."""
    server = await BROKER.open(None, "", tmp_path)
    yield server
    await server.close(5)


async def driver_of(broker: RedisBroker, name: str) -> Courier:
    """The driver's end."""
    return await in_thread(lambda: Courier(broker.place, into=to_driver(name), out=MAILBOX, about=name))


async def test_bytes_go_both_ways_and_a_broker_that_is_gone_ends_it(broker: RedisBroker) -> None:
    """Any bytes; both ends hear of a broker that is gone, and what is left of it can be tidied up."""
    board = Switchboard(broker.place, RUN)
    here = BrokerConversation(board, "talk")
    there = await driver_of(broker, "talk")
    here.send(b"\x00ping")
    assert await in_thread(there.receive, 10.0) == b"\x00ping"
    await in_thread(there.send, b"S\xff")
    assert await here.receive(10.0) == b"S\xff"
    with pytest.raises(TimeoutError):
        await here.receive(0)
    assert await in_thread(there.receive, 0.01) is None
    await broker.close(5)
    assert await here.receive(10.0) is None
    here.send(b"into the void")
    with pytest.raises(ServiceError, match=r"^the broker redis://127.0.0.1:\d+/0 could not be reached: "):
        await in_thread(there.send, b"likewise")
    await here.end()
    assert board.is_over
    assert await BrokerConversation(board, "late").receive(10.0) is None
    await board.close()


async def test_drivers_share_two_connections_and_two_threads_and_what_they_say_is_told_apart(
    broker: RedisBroker,
) -> None:
    """However many there are; what belongs to no conversation is dropped, and so is what no driver sends."""
    with redis.Redis.from_url(broker.place.url.reveal()) as client:
        drivers = await in_thread(Outbox, broker.place)
        before = threading.enumerate()

        def say(name: str) -> None:
            drivers.put(MAILBOX, Letter(name, name.encode()))

        board, used = Switchboard(broker.place, RUN), []
        talks: list[BrokerConversation] = []
        for number in (1, 20):
            talks += [BrokerConversation(board, f"talk {index}") for index in range(len(talks), number)]
            for talk in talks:
                talk.send(b"begin")
            await in_thread(say, "of nobody")
            await in_thread(lambda: drivers.producer.publish({"a": "task"}, routing_key=MAILBOX))
            for index in range(len(talks)):
                await in_thread(say, f"talk {index}")
            heard = [await talk.receive(10.0) for talk in talks]
            assert heard == [f"talk {index}".encode() for index in range(len(talks))]
            assert await in_thread(client.brpop, to_driver(f"talk {len(talks) - 1}"), 10)  # the last of what was sent
            new = [thread for thread in threading.enumerate() if thread not in before and "(work)" not in thread.name]
            used.append((len(client.client_list()), len(new)))
        assert used[0] == used[1]
        assert used[0][1] == 2
        await asyncio.gather(*(talk.end() for talk in talks))
        await board.close()
        await in_thread(drivers.close)
        assert set(client.keys("*")) <= {b"unacked_mutex"}  # kombu's, which expires


async def test_what_a_killed_session_leaves_expires(broker: RedisBroker) -> None:
    """Neither side has an exchange of its own, which would be a key without a time limit."""
    there = await driver_of(broker, "talk")
    await in_thread(there.send, b"to a session that was killed")
    left = await in_thread(Outbox, broker.place)
    await in_thread(left.put, to_driver("gone"), Letter("gone", b"to a driver that was"))
    await in_thread(there.close)
    await in_thread(left.close)
    with redis.Redis.from_url(broker.place.url.reveal()) as client:
        limits = {key.decode(): client.ttl(key) for key in client.keys("*")}
        assert set(limits) == {MAILBOX, to_driver("gone")}
        assert all(0 < limit <= EXPIRES_S for limit in limits.values())


async def test_a_driver_whose_lease_has_ended_hears_nothing_more(broker: RedisBroker) -> None:
    """Its session was killed: whoever leases it next does not wait for a trial that nobody will end.

    What it said to that session, and was told by it, goes.
    """
    leased = [True]
    there = await in_thread(lambda: Courier(broker.place, into="a", out="b", about="talk", is_leased=lambda: leased[0]))
    assert await in_thread(there.receive, 0.01) is None
    await in_thread(there.send, b"to a session that was killed")
    leased[0] = False
    with pytest.raises(ServiceError, match="the lease of its run has ended"):
        await in_thread(there.receive, 0.01)
    await in_thread(there.close)
    with redis.Redis.from_url(broker.place.url.reveal()) as client:
        assert client.keys("*") == []
