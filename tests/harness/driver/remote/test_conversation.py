"""A conversation over a broker: bytes both ways, and its end."""

from pathlib import Path

import pytest

from harness.driver.remote.conversation import BrokerConversation
from harness.driver.remote.courier import Courier
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.services.brokers.redis import BROKER


async def test_bytes_go_both_ways_and_a_broker_that_is_gone_ends_it(tmp_path: Path) -> None:
    """Any bytes; both ends hear of a broker that is gone, and what is left of it can be tidied up."""
    broker = await BROKER.open(None, "", tmp_path)
    try:
        here = BrokerConversation(broker, "talk")
        there = await in_thread(lambda: Courier(broker.place, into="talk:down", out="talk:up"))
        await in_thread(here.send, b"\x00ping")
        assert await in_thread(there.receive, 10.0) == b"\x00ping"
        await in_thread(there.send, b"S\xff")
        assert await here.receive(10.0) == b"S\xff"
        with pytest.raises(TimeoutError):
            await here.receive(0)
        assert await in_thread(there.receive, 0.01) is None
    finally:
        await broker.close(5)
    assert await here.receive(10.0) is None
    await in_thread(here.send, b"into the void")
    with pytest.raises(ServiceError, match=r"^the broker redis://127.0.0.1:\d+/0 could not be reached: "):
        await in_thread(there.send, b"likewise")
    await here.end()
