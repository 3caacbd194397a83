"""The schedule of `--max-time`: the run's own, until that time is over."""

import asyncio
import time
from collections.abc import Callable

from harness.schedule.schedule import Schedule, Trials


class Limited:
    """The trial under way at the end is left out; what was measured before is reported."""

    def __init__(self, first: Schedule, limit_s: float, text: str, now: Callable[[], float] = time.monotonic) -> None:
        """`first`: the run's own schedule; `limit_s`: from now on; `text`: the time as it was given."""
        self._first = first
        self._ends_s = now() + limit_s
        self._text = text
        self._now = now

    async def run(self, trials: Trials) -> None:
        """As much of it as there is time for."""
        limit = asyncio.timeout(max(0.0, self._ends_s - self._now()))
        try:
            async with limit:
                await self._first.run(trials)
        except TimeoutError:
            if not limit.expired():
                raise
            trials.note_run(ended=f"ended early by --max-time {self._text}", time_up=True)
