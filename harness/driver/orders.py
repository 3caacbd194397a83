"""The messages of the session to a driver during its trial: start the load, usage has been read, abort."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import get_args

from harness.driver.messages import Abort, Begun, Link, Moment, Ready, StartLoad, UsageRead
from harness.machine.deadline import in_time

USAGE_READ_LIMIT_S = 2.0


class Orders:
    """The session's messages, as events that the trial can wait for."""

    def __init__(self, link: Link, loop: asyncio.AbstractEventLoop) -> None:
        self.aborted: asyncio.Future[str] = loop.create_future()
        """The reason, once the session has ended the trial."""
        self._link = link
        self._start_ns: dict[Begun, asyncio.Future[int]] = {what: loop.create_future() for what in get_args(Begun)}
        self._usage_read: dict[Moment, asyncio.Event] = {moment: asyncio.Event() for moment in get_args(Moment)}

    async def listen(self, on_abort: Callable[[], None]) -> None:
        """Take messages until the session is gone; an abort ends every wait, then calls back."""
        while (message := await self._link.receive()) is not None:
            if isinstance(message, UsageRead):
                self._usage_read[message.after].set()
            elif isinstance(message, StartLoad):
                self._start(message.at_ns, message.what)
            elif isinstance(message, Abort):
                if not self.aborted.done():
                    self.aborted.set_result(message.reason)
                for what in self._start_ns:
                    self._start(0, what)
                for event in self._usage_read.values():
                    event.set()
                on_abort()

    def ready(self, what: Begun) -> None:
        """Say that this driver is, to those with which it shares a trial."""
        self._link.send(Ready(what))

    @property
    def abort_reason(self) -> str | None:
        """Why the session has ended the trial; None while it goes on."""
        return self.aborted.result() if self.aborted.done() else None

    def _start(self, at_ns: int, what: Begun) -> None:
        if not self._start_ns[what].done():
            self._start_ns[what].set_result(at_ns)

    async def start_ns(self, within_s: float, what: Begun = "load") -> int:
        """The moment at which the load, or the window, is to begin, by the driver's clock; raises TimeoutError."""
        return await in_time(within_s, self._start_ns[what])

    async def usage_read(self, after: Moment) -> None:
        """Wait until the session has read the other roles' usage, or until a timeout, because it is not essential."""
        with suppress(TimeoutError):  # the trial lacks that usage, and says so
            await in_time(USAGE_READ_LIMIT_S, self._usage_read[after].wait())
