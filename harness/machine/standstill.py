"""How long this process stood still: it was due to run and did not, or its clocks went apart."""

import asyncio
import time
from collections.abc import Awaitable, Callable

TICK_S = 0.02
SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that goes on while the machine is suspended: on macOS CLOCK_MONOTONIC, which there is not time.monotonic."""


class Standstill:
    """Watches from `start` to `stop`; a tick costs about 30 µs."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._longest_s = 0.0
        self._due_s = 0.0
        self._apart_s: tuple[float, float] = (0.0, 0.0)
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on, in the event loop that runs."""
        self._apart_s = _apart_s()
        self._due_s = time.monotonic() + TICK_S
        self._watching = asyncio.create_task(self._watch())

    def stop(self) -> float:
        """The longest standstill in seconds: of a tick, or by how much a clock went ahead of the monotonic one.

        time.monotonic stands still while a machine is suspended, the clock since the boot does not; a virtual machine
        that was paused is told by a clock that is set right afterwards.
        """
        if self._watching is not None:
            self._watching.cancel()
        self._note_late()
        jumps_s = [abs(last - first) for first, last in zip(self._apart_s, _apart_s(), strict=True)]
        return max(self._longest_s, *jumps_s)

    async def _watch(self) -> None:
        while True:
            await self._sleep(self._due_s - time.monotonic())
            self._note_late()
            self._due_s = time.monotonic() + TICK_S

    def _note_late(self) -> None:
        self._longest_s = max(self._longest_s, time.monotonic() - self._due_s)


def _apart_s() -> tuple[float, float]:
    """By how much the wall clock and the clock since the boot are ahead of the monotonic one."""
    monotonic_s = time.monotonic()
    return time.time() - monotonic_s, time.clock_gettime(SINCE_BOOT) - monotonic_s
