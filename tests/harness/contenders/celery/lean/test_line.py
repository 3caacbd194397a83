"""A connection in the event loop, over a pair of sockets."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from harness.contenders.celery.lean import line as module
from harness.contenders.celery.lean.line import Line
from tests.running import until


class Pair(Line):
    """Its other ends are `others`, one for each time that it has been connected."""

    what = "the test"

    def __init__(self) -> None:
        self.others: list[socket.socket] = []
        self.received = b""
        self.events: list[str] = []
        super().__init__(lambda: self.events.append("up"))

    def _connect(self) -> socket.socket:
        mine, other = socket.socketpair()
        self.others.append(other)
        self._mine = mine
        return mine

    def _disconnect(self) -> None:
        self._mine.close()

    def _opened(self) -> None:
        self._is_up()

    def _received(self, data: bytes) -> None:
        self.received += data

    def _sent_all(self) -> None:
        self.events.append("sent all")

    def _lost(self, error: Exception) -> None:
        self.events.append(f"lost: {error}")

    def send(self, data: bytes) -> None:
        """To the other end."""
        self._write(data)


@pytest.fixture
async def pair(monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Open; where it is lost, it is opened again at once."""
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    made = Pair()
    made.open()
    return made


def ending(pair: Pair) -> None:
    """Nothing stays open."""
    pair.close()
    for other in pair.others:
        other.close()


def read(other: socket.socket) -> Iterator[bytes]:
    """What is there, without waiting."""
    other.setblocking(False)
    while True:
        try:
            yield other.recv(100_000)
        except BlockingIOError:
            return


async def test_more_than_the_other_end_takes_is_sent_in_order_as_soon_as_it_does(pair: Pair) -> None:
    """Nothing waits for it meanwhile."""
    sent = b"".join(b"%07d\n" % number for number in range(400_000))
    pair.send(sent[:3_000_000])
    pair.send(sent[3_000_000:])
    assert not pair.has_sent_all
    found = bytearray()
    while len(found) < len(sent):
        found += b"".join(read(pair.others[0]))
        await asyncio.sleep(0)
    assert bytes(found) == sent
    assert pair.has_sent_all
    assert pair.events == ["up", "sent all"]
    ending(pair)


async def test_what_arrives_is_taken_whole(pair: Pair) -> None:
    """However much it is."""
    text = b"x" * 700_000
    sending = asyncio.to_thread(pair.others[0].sendall, text)
    await asyncio.gather(sending, until(lambda: len(pair.received) == len(text)))
    assert pair.received == text
    ending(pair)


async def test_a_connection_that_is_lost_is_opened_again(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """What waited to be sent is forgotten; that it was lost and is there again is logged."""
    pair.send(b"y" * 10_000_000)
    pair.others[0].close()
    await until(lambda: pair.events.count("up") == 2)
    assert pair.events[1].startswith("lost: ")
    pair.send(b"after")
    assert b"".join(read(pair.others[1])) == b"after"
    lost, again = (record.getMessage() for record in caplog.records)
    assert lost.startswith("Lost the connection for the test (")
    assert again == "There is a connection for the test again"
    ending(pair)


async def test_a_connection_that_is_closed_stays_closed(pair: Pair) -> None:
    """Nobody opens it again."""
    ending(pair)
    await asyncio.sleep(0.01)
    assert pair.events == ["up"]
    assert len(pair.others) == 1


async def test_a_socket_that_the_library_has_closed_is_let_go(pair: Pair) -> None:
    """As redis-py does with all connections of a pool after an error on one."""
    pair._mine.close()
    ending(pair)
    assert not pair.up
