"""Holds back what is submitted: the pause of contenders that execute in the driver's own event loop."""

import asyncio


class Pausable:
    """A side that executes what is submitted, unless it is paused."""

    _shut: asyncio.Event | None = None

    async def pause(self) -> None:
        """Hold back all requests submitted from now on, until `resume`."""
        self._shut = asyncio.Event()

    async def resume(self) -> None:
        """Execute the requests that were submitted since `pause`."""
        if self._shut is not None:
            self._shut.set()
            self._shut = None
