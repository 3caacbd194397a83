"""One trial on the machine where it is driven: carries messages between its process and the session."""

import asyncio
import logging
import threading
import time
import zlib
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

import msgspec

from harness.driver.messages import (
    Abort,
    Alive,
    FoldRows,
    Kill,
    Message,
    Ping,
    Pong,
    Recording,
    StartLoad,
    UsageRead,
    encode,
)
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.recording.fold import fold_spool
from harness.recording.parcel import packed

POLL_S = 0.05
ALIVE_S = 1.0
ASKED_S = 60.0
"""How long a session may take to ask for what the rows amount to: it waits for the recordings of all drivers."""
FOLD_S, FOLDED_PER_S = 30.0, 100_000
"""A driver has so long to fold what it spooled, and a second more for so many rows."""
FIGURES = b"F"
PIECE = b"S"
PIECE_BYTES = 1 << 20

SAID_BYTES_MOST = 64 * 1024
Said = Ping | Kill | StartLoad | UsageRead | Abort | FoldRows
"""What a session says during a trial."""
_decoder = msgspec.json.Decoder(Said)

logger = logging.getLogger(__name__)


class Carrier(Protocol):
    """What carries bodies to the session and back (see `harness.driver.remote.courier`)."""

    def send(self, body: bytes) -> None:
        """Give it to the broker; raises ServiceError if that is gone."""
        ...

    def receive(self, within_s: float) -> bytes | None:
        """What comes next; None if nothing comes in time. Raises ServiceError."""
        ...


class LocalDriver(Protocol):
    """The process that drives the trial (see `harness.driver.fork_server.DriverProcess`)."""

    def send(self, message: Message) -> None:
        """Queue a message to it."""
        ...

    async def receive(self) -> Message | None:
        """Its next message; None when it has ended."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class Relay:
    """Carries messages until the driver has reported."""

    def __init__(self, courier: Carrier, driver: LocalDriver) -> None:
        self._courier = courier
        self._driver = driver
        self._over = threading.Event()
        self._loop = asyncio.get_running_loop()

    async def run(self) -> Recording | None:
        """The driver's recording; None if it ended without."""
        listening = threading.Thread(target=self._from_session, daemon=True)
        listening.start()
        try:
            while (message := await self._driver.receive()) is not None:
                if isinstance(message, Recording):
                    return message
                await in_thread(self._courier.send, encode(message))
            return None
        finally:
            self._over.set()
            await in_thread(listening.join)  # it uses the courier

    def _from_session(self) -> None:
        """In a thread: what the session says, and a sign of life every second; without a broker, the trial ends."""
        alive_at = 0.0
        try:
            while not self._over.is_set():
                body = self._courier.receive(POLL_S)
                if body is not None:
                    self._take(body)
                if time.monotonic() - alive_at > ALIVE_S:
                    alive_at = time.monotonic()
                    self._courier.send(encode(Alive()))
        except ServiceError as error:
            logger.error("the trial is ended, because its session cannot be reached: %s", error)
            self._loop.call_soon_threadsafe(self._driver.kill)

    def _take(self, body: bytes) -> None:
        """Do what the session says; what no session says is ignored."""
        message = _said_in(body)
        if isinstance(message, Ping):
            self._courier.send(encode(Pong(time.monotonic_ns())))
        elif isinstance(message, Kill):
            self._loop.call_soon_threadsafe(self._driver.kill)
        elif message is not None and not isinstance(message, FoldRows):
            self._loop.call_soon_threadsafe(self._driver.send, message)


def _said_in(body: bytes) -> Said | None:
    """A message of the session; None for anything else."""
    try:
        return _decoder.decode(body) if len(body) <= SAID_BYTES_MOST else None
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        logger.warning("a message was ignored, because no session sends it: %s", error)
        return None


def deliver(courier: Carrier, recording: Recording, spool: Path, driver: int) -> None:
    """Send the recording, then what the rows of that driver of the trial amount to, as the session asks for it."""
    courier.send(encode(recording))
    asked = _asked(courier)
    if asked is None:
        return
    figures = _folding(courier, spool, asked, recording.issued, driver)
    if figures is None:
        return
    courier.send(FIGURES + figures)
    if asked.rows:
        with spool.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                courier.send(PIECE + zlib.compress(piece, 1))


def _asked(courier: Carrier) -> FoldRows | None:
    """What the session asks for, with signs of life until then; None if it asks for nothing, or in vain."""
    begin = alive_at = time.monotonic()
    while (now := time.monotonic()) - begin < ASKED_S:
        body = courier.receive(POLL_S)
        message = _said_in(body) if body is not None else None
        if isinstance(message, FoldRows):
            return message
        if isinstance(message, Kill):
            return None
        if now - alive_at > ALIVE_S:
            alive_at = now
            courier.send(encode(Alive()))
    return None


def fold_limit_s(issued: int) -> float:
    """How long a driver that issued so many requests may fold; its session waits as long."""
    return FOLD_S + issued / FOLDED_PER_S


def _folding(courier: Carrier, spool: Path, asked: FoldRows, issued: int, driver: int) -> bytes | None:
    """Fold, in a thread, with signs of life meanwhile; None where that fails, or takes too long."""
    folded: Future[bytes | None] = Future()

    def fold() -> None:
        try:
            folded.set_result(packed(fold_spool(spool, asked.terms, issued, driver)))
        except (ArithmeticError, MemoryError, OSError, ValueError) as error:
            logger.error("the rows of the trial cannot be folded: %s", error)
            folded.set_result(None)

    threading.Thread(target=fold, daemon=True).start()
    ends_s = time.monotonic() + fold_limit_s(issued)
    while time.monotonic() < ends_s:
        try:
            return folded.result(ALIVE_S)
        except TimeoutError:
            courier.send(encode(Alive()))
    logger.error("the rows of the trial were not folded within %.0f s", fold_limit_s(issued))
    return None
