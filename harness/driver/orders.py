"""The messages of the session to a driver during its trial: start the load, usage has been read, abort."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import get_args

from harness.driver.messages import Abort, Link, Moment, StartLoad, UsageRead

USAGE_READ_LIMIT_S = 2.0


class Orders:
    """The session's messages, as events that the trial can wait for."""

    def __init__(self, link: Link, loop: asyncio.AbstractEventLoop) -> None:
        self.aborted: asyncio.Future[str] = loop.create_future()
        """The reason, once the session has ended the trial."""
        self._link = link
        self._start_ns: asyncio.Future[int] = loop.create_future()
        self._usage_read: dict[Moment, asyncio.Event] = {moment: asyncio.Event() for moment in get_args(Moment)}

    async def listen(self, on_abort: Callable[[], None]) -> None:
        """Take messages until the session is gone; an abort ends every wait, then calls back."""
        while (message := await self._link.receive()) is not None:
            if isinstance(message, UsageRead):
                self._usage_read[message.after].set()
            elif isinstance(message, StartLoad):
                self._start(message.at_ns)
            elif isinstance(message, Abort):
                if not self.aborted.done():
                    self.aborted.set_result(message.reason)
                self._start(0)
                for event in self._usage_read.values():
                    event.set()
                on_abort()

    @property
    def abort_reason(self) -> str | None:
        """Why the session has ended the trial; None while it goes on."""
        return self.aborted.result() if self.aborted.done() else None

    def _start(self, at_ns: int) -> None:
        if not self._start_ns.done():
            self._start_ns.set_result(at_ns)

    async def start_ns(self, within_s: float) -> int:
        """The moment at which the load is to start, by the driver's clock; raises TimeoutError."""
        return await asyncio.wait_for(self._start_ns, within_s)

    async def usage_read(self, after: Moment) -> None:
        """Wait until the session has read the other roles' usage, or until a timeout, because it is not essential."""
        with suppress(TimeoutError):  # the trial lacks that usage, and says so
            await asyncio.wait_for(self._usage_read[after].wait(), USAGE_READ_LIMIT_S)
