"""How late an event loop runs its timers: what a coroutine that wants to go on has to wait for the others."""

import asyncio

from harness.results.model import LoopLag

EVERY_S = 0.01


class LoopLagSampler:
    """A timer 100 times a second; costs less than a thousandth of a core."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lags_ms: list[float] = []
        self._handle: asyncio.TimerHandle | None = None
        self._expected = 0.0

    def start(self) -> None:
        """Begin a new sample."""
        self._lags_ms.clear()
        self._arm()

    def _arm(self) -> None:
        self._expected = self._loop.time() + EVERY_S
        self._handle = self._loop.call_at(self._expected, self._fired)

    def _fired(self) -> None:
        self._lags_ms.append(max(0.0, (self._loop.time() - self._expected) * 1000))
        self._arm()

    def stop(self) -> LoopLag | None:
        """End the sample; None if the window was too short for a single timer."""
        if self._handle is not None:
            self._handle.cancel()
        lags = sorted(self._lags_ms)
        if not lags:
            return None
        return LoopLag(p50=_rank(lags, 0.5), p99=_rank(lags, 0.99), max=lags[-1])


def _rank(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
