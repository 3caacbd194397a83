"""One trial that a driver on another machine drives, as the session sees it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from harness.driver.messages import (
    Alive,
    Delivered,
    FoldRows,
    Hello,
    Kill,
    Message,
    Ping,
    Pong,
    Recording,
    Refused,
    StartLoad,
    encode,
)
from harness.driver.remote.clock_offset import (
    Exchange,
    Offset,
    by_our_clock,
    offset_of,
    rows_by_our_clock,
    wall_apart_s,
)
from harness.driver.remote.conversation import Conversation
from harness.driver.remote.incoming import ROW_BYTES, check_spool, figures_of, message_of, piece_of
from harness.driver.remote.relay import FIGURES, fold_limit_s
from harness.driver.remote.waiting import WaitingDriver
from harness.errors import ServiceError
from harness.machine.threads import in_thread
from harness.machine.usage import boot_id
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.results.model import DriverAt

HELLO_S = 6.0
SILENT_S = 8.0
"""A driver sends a sign of life every second."""
PINGS = 15
MESSAGE = b"{"
"""How a message begins; any other body is figures, or a piece of the spool."""


class RemoteDriver:
    """Its messages, with every moment in them by the session's clock; what its rows amount to."""

    lead_s = 0.3
    """How long before the load starts drivers are sent its moment."""
    pid: int | None = None
    """Elsewhere."""

    def __init__(
        self,
        who: WaitingDriver,
        conversation: Conversation,
        spool: Path,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`spool`: where its rows are to lie; `now_ns`: the session's clock."""
        self._who = who
        self._conversation = conversation
        self._spool = spool
        self._now_ns = now_ns
        self._delivered = False
        self._recording: Recording | None = None
        self._figures: bytes | None = None
        self._wants_rows = False
        self._spooled = 0
        """Bytes."""
        self._waiting: deque[Message] = deque()
        """What it said while its clock was asked for."""
        self._offset = Offset(0, 0)
        self.wall_apart_s = 0.0
        """By how much its wall clock and ours differ, at the least; known with its recording."""

    @property
    def at(self) -> DriverAt:
        """Where it is, for the results document."""
        return DriverAt(
            name=self._who.name,
            host=self._who.host,
            cpus=self._who.cpus,
            boot_id=self._who.boot_id,
            clock_offset_ms=self._offset.ns / 1e6,
            clock_error_ms=self._offset.error_ns / 1e6,
        )

    async def meet(self) -> None:
        """Wait until it has taken the trial, and find out how far its clock is from ours.

        Raises ServiceError if it does not answer in time, or refuses the trial.
        """
        self._spool.write_bytes(b"")
        try:
            async with asyncio.timeout(HELLO_S):
                while not isinstance(message := await self._next(), Hello):
                    if isinstance(message, Refused):
                        raise ServiceError(message.reason)
                if self._who.boot_id != boot_id():
                    self._offset = offset_of([await self._exchange() for _ in range(PINGS)])
        except TimeoutError:
            await self.ended()
            raise ServiceError(f"driver {self._who.name} did not accept a trial within {HELLO_S:g} s") from None
        except ServiceError as error:
            await self.ended()
            raise ServiceError(f"driver {self._who.name} did not accept a trial: {error}") from None

    async def _exchange(self) -> Exchange:
        sent = self._now_ns()
        self.send(Ping())
        while not isinstance(answer := await self._next(), Pong):
            self._waiting.append(answer)
        return Exchange(sent, answer.at_ns, self._now_ns())

    def send(self, message: Message) -> None:
        """Have it delivered, with its moment by the driver's clock."""
        if isinstance(message, StartLoad):
            message = StartLoad(message.at_ns + self._offset.ns, message.what)
        self._conversation.send(encode(message))

    async def receive(self) -> Message | None:
        """Its next message; None when it has ended without a recording, which else is the last one.

        Raises TimeoutError if it gives no sign of life, ServiceError if it sends what no driver does.
        """
        if self._waiting:
            return self._waiting.popleft()
        while (message := await self._next_if_any()) is not None:
            if isinstance(message, Recording):
                self._recording = message
                self.wall_apart_s = wall_apart_s(message, self._offset, self._now_ns(), time.time())
                return by_our_clock(message, self._offset)
            if isinstance(message, Delivered):
                self._delivered = True
                return None
            if not isinstance(message, Alive | Hello | Pong):
                return message
        return None

    async def folded(self, terms: FoldTerms, issued: int, *, rows: bool) -> Folded:
        """What it has folded, by our clock; with `rows`, its spool lies here then. Raises ServiceError.

        `issued`: requests, as its recording says.
        """
        theirs, recording = terms.moved(self._offset.ns), self._recording
        self._wants_rows = rows
        self.send(FoldRows(theirs, rows))
        try:
            async with asyncio.timeout(fold_limit_s(issued)):
                while not isinstance(await self._next(), Delivered):
                    pass
        except TimeoutError:
            raise ServiceError("it did not say in time what its requests amount to") from None
        self._delivered = True
        if self._figures is None or recording is None:
            raise ServiceError("it did not say what its requests amount to")
        if rows:
            await in_thread(check_spool, self._spool, recording)
            await in_thread(rows_by_our_clock, self._spool, self._offset)
        return (await in_thread(figures_of, self._figures, theirs, recording)).moved(-self._offset.ns)

    async def _next(self) -> Message:
        """The next message of a driver that has not ended; raises TimeoutError if none comes."""
        message = await self._next_if_any()
        if message is None:
            raise TimeoutError
        return message

    async def _next_if_any(self) -> Message | None:
        """The next message; None if none can come. Figures and pieces of the spool that arrive before it are kept."""
        while (body := await self._conversation.receive(SILENT_S)) is not None:
            if body.startswith(MESSAGE):
                return message_of(body)
            if body.startswith(FIGURES):
                self._figures = body
            else:
                self._keep(piece_of(body))
        return None

    def _keep(self, piece: bytes) -> None:
        """Write a piece of the spool that was asked for, which is no larger than the recording before it says."""
        self._spooled += len(piece)
        if not self._wants_rows or self._recording is None or self._spooled > self._recording.recorded * ROW_BYTES:
            raise ServiceError("it sent more stamps than its recording has requests")
        with self._spool.open("ab") as file:
            file.write(piece)

    def kill(self) -> None:
        """Have it end the trial at once; harmless when it has ended."""
        if not self._delivered:
            self.send(Kill())

    def stopped(self) -> str | None:
        """None: its process cannot be seen from here."""
        return None

    async def ended(self) -> str | None:
        """End the conversation; how the driver's process ended is not known here."""
        await self._conversation.end()
        return None
