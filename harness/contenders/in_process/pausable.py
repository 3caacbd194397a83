"""Holds back what is submitted: the pause of contenders that execute in the driver's own event loop."""

import asyncio


class Pausable:
    """A side that executes what is submitted, unless it is paused."""

    _shut: asyncio.Event | None = None

    async def pause(self) -> None:
        """Execute nothing of what is submitted from now on."""
        self._shut = asyncio.Event()

    async def resume(self) -> None:
        """Execute what was submitted meanwhile."""
        if self._shut is not None:
            self._shut.set()
            self._shut = None
