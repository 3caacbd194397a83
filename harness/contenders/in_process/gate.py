"""Holds back what is submitted: the pause of contenders that execute in the driver's own event loop."""

import asyncio


class Gate:
    """Open, unless paused."""

    _shut: asyncio.Event | None = None

    async def pause(self) -> None:
        """Let nothing pass from now on."""
        self._shut = asyncio.Event()

    async def resume(self) -> None:
        """Let pass what waits."""
        if self._shut is not None:
            self._shut.set()
            self._shut = None
