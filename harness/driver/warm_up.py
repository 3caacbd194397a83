"""What a window must find built: processes, threads, clients and connections that come with the first requests."""

import asyncio
from collections.abc import Callable

from harness.loads.shared.issuer import Issuer

LOOK_S = 0.02
LAPS = 2
"""Requests of each place, once all are built: a process imports what it needs with its first one."""


class WarmUp:
    """The part of a warm-up that goes by what was served, rather than by time."""

    def __init__(self, issuer: Issuer, places: int, at_least: int, built: Callable[[], bool]) -> None:
        """`places`: requests that may execute at once; `at_least`: requests asked for; `built`: whether all stands."""
        self._issuer = issuer
        self.places = places
        self._at_least = at_least
        self._built = built

    async def fill(self) -> None:
        """A request in each place at the same moment: fewer clients would leave some of them unused."""
        await asyncio.gather(*(self._fill_one() for _ in range(self.places)))

    async def _fill_one(self) -> None:
        if not self._issuer.full:
            await self._issuer.issue(self._issuer.clock.now())

    async def served(self) -> None:
        """While requests go on: wait until all is built and has been used, and as many were served as asked for."""
        ended = self._at_least
        if not self._built():
            await _until(self._built)
            ended = max(ended, self._issuer.issued + LAPS * self.places)
        await _until(lambda: self._issuer.issued - self._issuer.under_way >= ended)


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is built elsewhere raises no event, and one would cost every request
        await asyncio.sleep(LOOK_S)
