"""An application that takes no more than it can hold: with so many requests under way, another one is refused."""

import platform
from time import monotonic_ns

from harness.contenders.contender import Outcome, Request, StartedJob, StartsJobs
from harness.machine.usage import boot_id


class Refusing:
    """Submits to a side while fewer than so many requests wait or run; else the caller is told at once."""

    def __init__(self, side: StartsJobs, most: int) -> None:
        self._side = side
        self._most = most
        self._under_way = 0
        self._host, self._boot_id = platform.node(), boot_id()

    async def submit(self, request: Request) -> Outcome:
        """Do it, or refuse it."""
        if self._under_way >= self._most:
            now = monotonic_ns()
            return Outcome(None, f"Refused: {self._most} requests are under way", now, 0, 0, self._host, self._boot_id)
        self._under_way += 1
        try:
            return await self._side.submit(request)
        finally:
            self._under_way -= 1

    def start_job(self, request: Request) -> StartedJob:
        """As the side does."""
        return self._side.start_job(request)

    async def pause(self) -> None:
        """As the side does."""
        await self._side.pause()

    async def resume(self) -> None:
        """As the side does."""
        await self._side.resume()
