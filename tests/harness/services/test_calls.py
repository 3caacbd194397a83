"""Every call ends by its deadline, whatever the other end does, and in one kind of error."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from harness.errors import ServiceError
from harness.services.brokers.broker import broker_url, kind, kind_of
from harness.services.calls import ask, ask_blocking
from harness.services.causes import Peer

PEER = Peer("the broker", "Redis")
SILENCE, DRIP = b"", b"+O"
Seen = asyncio.Event


@contextlib.asynccontextmanager
async def listening(says: bytes) -> AsyncIterator[int]:
    """A port where each byte comes long after the one before; nothing at all where there are none."""
    over = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # the other end has given up
            await reader.read(1)
            for number in range(1000):
                if says:
                    writer.write(says[number % len(says)].to_bytes())
                with contextlib.suppress(TimeoutError):  # the next byte is due
                    await asyncio.wait_for(over.wait(), 0.02)
                if over.is_set():
                    break
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
@pytest.mark.parametrize("says", [SILENCE, DRIP])
async def test_a_server_that_never_comes_to_an_end_is_given_up(scheme: str, says: bytes) -> None:
    """A library's own limit starts again with every byte."""
    async with listening(says) as port:
        url = broker_url(f"{scheme}://127.0.0.1:{port}")
        asked = kind(kind_of(url))
        with pytest.raises(ServiceError, match=r"did not answer within 0.2 s. Is it overloaded or stopped"):
            await ask(asked.peer_of(url), asked.try_out, url, limit_s=0.2)


def test_the_same_holds_where_there_is_no_event_loop() -> None:
    """As for `workbench worker` and `workbench doctor`."""
    here, there = socket.socketpair()
    with here, there, pytest.raises(ServiceError, match=r"^the broker did not answer within 0.01 s"):
        ask_blocking(PEER, here.recv, 1, limit_s=0.01)


async def test_what_was_said_already_is_kept_and_a_defect_stays_one() -> None:
    """Neither is a library's error."""

    def refuse() -> None:
        raise ServiceError("the broker is too old.")

    with pytest.raises(ServiceError, match=r"^the broker is too old.$"):
        await ask(PEER, refuse)
    with pytest.raises(KeyError):
        await ask(PEER, {}.popitem)
    with pytest.raises(KeyError):
        ask_blocking(PEER, {}.popitem)
