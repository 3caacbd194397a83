"""Follows the drivers of a trial from their first message to their recordings, and keeps them together."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal, Protocol

from harness.driver.messages import (
    Abort,
    Begun,
    BetweenParts,
    LoadProgress,
    MemoryAt,
    Message,
    Ready,
    Recording,
    StartLoad,
    UsageRead,
    WindowClosed,
    WindowOpened,
)
from harness.errors import ServiceError
from harness.machine.clock import NS
from harness.machine.deadline import in_time
from harness.progress.progress import WindowState
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.results.model import DriverAt
from harness.services.calls import give_up

AT_REST = Ready("window")
SILENCE_MOST_S = 15.0


class Driver(Protocol):
    """A driver that has taken its part of a trial, here or elsewhere."""

    @property
    def at(self) -> DriverAt | None:
        """Where it is; None on this machine."""
        ...

    @property
    def wall_apart_s(self) -> float:
        """By how much its wall clock and the session's differ, at the least, once it has sent its recording."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process; None before it runs, and on another machine."""
        ...

    @property
    def lead_s(self) -> float:
        """How long before the load begins it must hear of it."""
        ...

    def send(self, message: Message) -> None:
        """Queue a message."""
        ...

    async def receive(self) -> Message | None:
        """Its next message; None when it has ended."""
        ...

    async def folded(self, terms: FoldTerms, issued: int, *, rows: bool) -> Folded:
        """What its rows amount to, once it has sent its recording; `rows`: whether they are to lie in its spool here.

        Raises ServiceError.
        """
        ...

    def kill(self) -> None:
        """End it at once; harmless when it has ended."""
        ...

    def stopped(self) -> str | None:
        """What of it a signal has stopped, for a message; None if nothing, or where that cannot be seen."""
        ...

    async def ended(self) -> str | None:
        """Wait until it has ended; None if that was in order, else how it ended."""
        ...


class Reader(Protocol):
    """Who reads the other roles' usage at a trial's moments."""

    async def opened(self) -> None:
        """All drivers' windows are open."""
        ...

    async def between(self) -> None:
        """A load of two parts is between them."""
        ...

    async def memory_at(self, name: str) -> None:
        """The load is at a moment of that name."""
        ...

    async def closed(self) -> None:
        """All drivers' windows have closed."""
        ...

    async def memory(self) -> None:
        """All roles' counters have been read for the last time: what is read now disturbs nothing."""
        ...


class Following:
    """The drivers of one trial; none goes on to a step before all have reached it."""

    def __init__(
        self,
        drivers: Sequence[Driver],
        reader: Reader,
        shares: Sequence[str],
        timeout_s: float,
        on_rate: Callable[[float, float | None], None],
        on_window: Callable[[WindowState], None],
    ) -> None:
        """`shares`: each driver's part of the load, as errors name it. `on_rate`: takes requests a second, latency.

        `on_window`: called when all drivers' windows have opened, and when they have closed.
        """
        self._drivers = drivers
        self._reader = reader
        self._shares = shares
        self._silent_s = max(SILENCE_MOST_S, timeout_s)
        self._on_rate = on_rate
        self._on_window = on_window
        self._rates = [0.0] * len(drivers)
        self._done = [0] * len(drivers)
        self._at_rest, self._ended = 0, 0
        """Drivers that wait for the window, and that have sent their recording."""
        self._moved_s = asyncio.get_running_loop().time()
        self._reached: Counter[type[Message] | MemoryAt] = Counter()
        self.gone: str | None = None
        """Why the trial is over: the driver that went first without a recording, with its share; or a service."""
        self._speechless: int | None = None
        """The driver of which nothing else is known than that it has gone."""
        self._over = asyncio.Event()
        self._reading: set[asyncio.Task[None]] = set()

    def still_s(self) -> float:
        """How long no request has ended, no step was reached, and `looked` was not called, in seconds."""
        return asyncio.get_running_loop().time() - self._moved_s

    def looked(self) -> None:
        """All is well, although nothing moves: requests take long."""
        self._moved_s = asyncio.get_running_loop().time()

    def give_up(self, reason: str) -> None:
        """The trial is over: nothing that is being read is waited for any more."""
        self.gone = self.gone or reason
        self._over.set()

    def reason(self, endings: Sequence[str | None]) -> str | None:
        """Why the trial is over, with what the process of a driver ended with; `endings`: that of each driver."""
        if self.gone is not None and self._speechless is not None and endings[self._speechless]:
            return f"{self.gone}: {endings[self._speechless]}"
        return self.gone

    async def to_the_end(self) -> list[Recording]:
        """Their recordings; where one is missing, `gone` may say why. Nothing that is still being read goes on."""
        listening = [asyncio.create_task(self._listen(index)) for index in range(len(self._drivers))]
        try:
            recordings = await asyncio.gather(*listening)
        finally:
            await give_up([*listening, *self._reading])
        return [recording for recording in recordings if recording is not None]

    async def _listen(self, index: int) -> Recording | None:
        """Receive what a driver says, up to its recording; None if it ends without one."""
        driver = self._drivers[index]
        while True:
            try:
                message = await in_time(self._silent_s, driver.receive())
            except TimeoutError:
                self._has_gone(index, f"the driver sent nothing for {self._silent_s:g} s and was stopped")
                return None
            except ServiceError as error:
                self._has_gone(index, str(error))
                return None
            if isinstance(message, Recording):
                self._ended += 1
                self._open_windows()
                return message
            if message is None:
                self._has_gone(index, None)
                return None
            await self._heard(index, message)

    async def _heard(self, index: int, message: Message) -> None:
        if not isinstance(message, LoadProgress) or message.done > self._done[index]:
            self.looked()
        if isinstance(message, LoadProgress):
            self._done[index] = message.done
            self._rates[index] = message.done / message.seconds if message.seconds else 0.0
            self._on_rate(sum(self._rates), message.latency_ms)
            return
        if message == AT_REST:
            self._at_rest += 1
            self._open_windows()
            return
        kind = message if isinstance(message, MemoryAt) else type(message)
        self._reached[kind] += 1
        # Once the trial is over, nobody is asked any more: a service that is silent would be waited for.
        if self._reached[kind] == len(self._drivers) and self.gone is None:
            await self._all_reached(message)

    async def _all_reached(self, message: Message) -> None:
        """The last driver has said so: all go on together."""
        match message:
            case Ready():
                self._start("load")
            case WindowOpened():
                self._on_window("opened")
                await self._read(self._reader.opened())
                self._usage_read("opened")
            case BetweenParts():
                await self._read(self._reader.between())
                self._usage_read("between")
            case MemoryAt(name):
                await self._read(self._reader.memory_at(name))
            case WindowClosed():
                self._on_window("closed")
                await self._read(self._reader.closed())
                self._usage_read("closed")
                await self._read(self._reader.memory())

    async def _read(self, reading: Coroutine[Any, Any, None]) -> None:
        """Wait for a reading, unless the trial is over: a service that is silent is waited for by its own deadline."""
        if self._over.is_set():
            reading.close()
            return
        task = asyncio.ensure_future(reading)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({task, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if task.done():
            task.result()

    def _open_windows(self) -> None:
        """Once all are at rest but those that have ended without: nobody waits for these."""
        if 0 < self._at_rest == len(self._drivers) - self._ended:
            self._start("window")

    def _start(self, what: Begun) -> None:
        """Have all begin at one moment, far enough ahead for the message to reach all of them."""
        at_ns = time.monotonic_ns() + int(NS * max(driver.lead_s for driver in self._drivers))
        self._send_all(StartLoad(at_ns, what))

    def _usage_read(self, after: Literal["opened", "between", "closed"]) -> None:
        self._send_all(UsageRead(after=after))

    def _has_gone(self, index: int, reason: str | None) -> None:
        """Note the reason and have the others end: what they measure is only a part of the load.

        `reason`: None leaves it to how its process ended, where it is a single driver on this machine.
        """
        if self.gone is not None:
            return
        at = self._drivers[index].at
        if len(self._drivers) == 1 and at is None:
            self.gone = reason
            return
        where = f"{at.name}, " if at is not None else ""
        self.gone = f"driver {index + 1} of {len(self._drivers)} ({where}{self._shares[index]}) has gone"
        if reason is not None:
            self.gone += f": {reason}"
        else:
            self._speechless = index
        self._send_all(Abort(self.gone))

    def _send_all(self, message: Message) -> None:
        for driver in self._drivers:
            driver.send(message)
