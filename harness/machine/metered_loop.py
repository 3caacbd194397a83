"""An event loop that knows how long each of its rounds took: from when it woke until it waited again.

It asks at no time of its own, so that an idle loop stays asleep: to wake a process costs a tenth of a millisecond.
"""

import asyncio
import selectors
from pathlib import Path
from time import monotonic_ns
from typing import Any

SHORT_NS = 1_000_000
"""Rounds of at least this long are kept one by one: there are no more than a thousand of them a second."""
POWERS = SHORT_NS.bit_length() + 1
BLOCKED_NS = 10_000_000
"""A loop that was held for longer at a time was blocked."""

Rounds = list[tuple[int, int]]
"""Rounds: length in ns, and how many were as long."""


def waited_for_a_core_ns() -> int:
    """How long this thread has been ready to run while others had the cores; 0 where the kernel does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0


class RoundMeter:
    """The rounds of a loop since `start`, once that was called."""

    def __init__(self) -> None:
        self.woke_ns = 0
        """When the round began that is under way; 0 while nothing is measured."""
        self.blocked_ns = 0
        """Rounds that held the loop for longer than `BLOCKED_NS`, added up, without the wait of each for a core."""
        self.longest_ns = 0
        """The longest of all rounds, likewise."""
        self._waited_ns = 0
        """For how long the thread had waited for a core when the last long round ended."""
        self._long_ns: list[int] = []
        self._counts = [0] * POWERS
        self._sums_ns = [0] * POWERS

    def start(self) -> None:
        """Begin to measure, within a round."""
        self._long_ns.clear()
        self.blocked_ns = self.longest_ns = 0
        self._waited_ns = waited_for_a_core_ns()
        self._counts, self._sums_ns = [0] * POWERS, [0] * POWERS
        self.woke_ns = monotonic_ns()

    def waits(self) -> None:
        """A round has ended."""
        round_ns = monotonic_ns() - self.woke_ns
        if round_ns >= SHORT_NS:
            self._long_ns.append(round_ns)
            self._held(round_ns)
            return
        power = round_ns.bit_length()
        self._counts[power] += 1
        self._sums_ns[power] += round_ns

    def _held(self, round_ns: int) -> None:
        """A round without its wait for a core, which is asked for only after long rounds: it takes microseconds."""
        if round_ns > BLOCKED_NS:
            waited_ns = waited_for_a_core_ns()
            round_ns -= min(round_ns, waited_ns - self._waited_ns)
            self._waited_ns = waited_ns
            self.blocked_ns += round_ns if round_ns > BLOCKED_NS else 0
        self.longest_ns = max(self.longest_ns, round_ns)

    def stop(self) -> Rounds:
        """End measuring, within a round; short rounds of about one length are given by their mean."""
        self.waits()
        self.woke_ns = 0
        short = [(total // count, count) for total, count in zip(self._sums_ns, self._counts, strict=True) if count]
        return [(round_ns, 1) for round_ns in self._long_ns] + short


class _MeteredSelector(selectors.DefaultSelector):
    """Tells the meter when the loop begins to wait, and when it wakes."""

    def __init__(self) -> None:
        super().__init__()
        self.meter = RoundMeter()

    def select(self, timeout: float | None = None) -> list[Any]:
        """As the selector does."""
        meter = self.meter
        if not meter.woke_ns:
            return super().select(timeout)
        meter.waits()
        ready = super().select(timeout)
        meter.woke_ns = monotonic_ns()
        return ready


class MeteredLoop(asyncio.SelectorEventLoop):
    """The standard event loop, with the meter of its rounds."""

    def __init__(self) -> None:
        selector = _MeteredSelector()
        super().__init__(selector)
        self.meter = selector.meter
