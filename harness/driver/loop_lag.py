"""How late an event loop is: how long what is ready to go on waits for it, and for what share of a window it is held.

The standard loop reports how long its rounds took (`harness.machine.metered_loop`). Of another one, such as uvloop, it
is seen from how late timers are: rarely while none is late, because an idle process that is woken often is not idle.
"""

import asyncio
from typing import NamedTuple, Protocol

from harness.machine.clock import NS
from harness.machine.metered_loop import BLOCKED_NS, MeteredLoop, Rounds, waited_for_a_core_ns
from harness.results.model import LoopLag

BLOCKED_MS = BLOCKED_NS / 1e6
FIRST_S, OFTEN_S, SELDOM_S = 0.08, 0.01, 1.28
"""Between two timers: at first, after one that was late, and when none has been for a while."""
LATE_MS = 2.0
"""Beyond what a loop rounds its timers to, a millisecond."""


class LoopUse(NamedTuple):
    """What a window shows of its event loop."""

    lag: LoopLag
    busy: float | None
    """Share of the window in which the loop was held by a callback; None where it is not known."""
    blocked: float
    """Share of the window in which it was held for longer than `BLOCKED_MS` at a time."""
    longest_ms: float | None = None
    """The longest that it was held at a time, without what it waited for a core; None where it is not known."""


class LoopWatch(Protocol):
    """Watches a loop from `start` to `stop`."""

    def start(self) -> None:
        """The window opens."""
        ...

    def stop(self) -> LoopUse | None:
        """The window closes; None if nothing was seen."""
        ...


def watch_of(loop: asyncio.AbstractEventLoop) -> LoopWatch:
    """What suits that loop."""
    return RoundsWatch(loop) if isinstance(loop, MeteredLoop) else TimersWatch(loop)


class RoundsWatch:
    """Of a loop that meters its rounds: exact, and without a timer."""

    def __init__(self, loop: MeteredLoop) -> None:
        self._meter = loop.meter
        self._now = loop.time
        self._opened = self._queued_s = 0.0

    def start(self) -> None:
        """The window opens."""
        self._opened, self._queued_s = self._now(), waited_for_a_core_s()
        self._meter.start()

    def stop(self) -> LoopUse | None:
        """The window closes."""
        rounds, window_s = self._meter.stop(), self._now() - self._opened
        use = use_of(rounds, window_s, waited_for_a_core_s() - self._queued_s)
        if use is None:
            return None
        blocked = min(1.0, self._meter.blocked_ns / NS / window_s)
        return use._replace(blocked=blocked, longest_ms=self._meter.longest_ns / 1e6)


class TimersWatch:
    """Of any loop, by timers; each stands for the time since the one before it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._seen: list[tuple[float, float]] = []
        """Milliseconds by which a timer was late, and the seconds that it stands for."""
        self._handle: asyncio.TimerHandle | None = None
        self._gap_s = OFTEN_S
        self._last = self._due = self._queued_s = 0.0

    def start(self) -> None:
        """The window opens."""
        self._seen.clear()
        self._gap_s, self._last, self._queued_s = FIRST_S, self._loop.time(), waited_for_a_core_s()
        self._arm()

    def _arm(self) -> None:
        self._due = self._loop.time() + self._gap_s
        self._handle = self._loop.call_at(self._due, self._fired)

    def _fired(self) -> None:
        now = self._loop.time()
        late_ms = max(0.0, (now - self._due) * 1000)
        self._seen.append((late_ms, now - self._last))
        self._last = now
        self._gap_s = OFTEN_S if late_ms > LATE_MS else min(SELDOM_S, 2 * self._gap_s)
        self._arm()

    def stop(self) -> LoopUse | None:
        """The window closes."""
        if self._handle is not None:
            self._handle.cancel()
        if not self._seen:
            return None
        whole_s = sum(stands_for_s for _, stands_for_s in self._seen)
        blocked_s = sum(stands_for_s for late_ms, stands_for_s in self._seen if late_ms > BLOCKED_MS)
        lags = [self._late_most_of(share, whole_s) for share in (0.5, 0.99)]
        lag = LoopLag(p50=lags[0], p99=lags[1], max=max(self._seen)[0])
        return LoopUse(lag, None, _less(blocked_s, waited_for_a_core_s() - self._queued_s, whole_s))

    def _late_most_of(self, share: float, whole_s: float) -> float:
        passed_s = 0.0
        for late_ms, stands_for_s in sorted(self._seen):
            passed_s += stands_for_s
            if passed_s >= share * whole_s:
                return late_ms
        return max(self._seen)[0]


def use_of(rounds: Rounds, window_s: float, queued_s: float) -> LoopUse | None:
    """What the rounds of a window amount to; a round that waited for a core was not held by the work.

    Lag is that of something that gets ready at any moment of the window: within a round it waits for its end.
    """
    if window_s <= 0:
        return None
    rounds = sorted(rounds, reverse=True)
    held_s = sum(round_ns * count for round_ns, count in rounds) / NS
    blocked_s = sum(round_ns * count for round_ns, count in rounds if round_ns > BLOCKED_MS * NS / 1000) / NS
    lag = LoopLag(
        p50=lag_ms(rounds, 0.5 * window_s),
        p99=lag_ms(rounds, 0.01 * window_s),
        max=rounds[0][0] / 1e6 if rounds else 0.0,
    )
    return LoopUse(lag, _less(held_s, queued_s, window_s), _less(blocked_s, queued_s, window_s))


def lag_ms(rounds: Rounds, later_s: float) -> float:
    """The lag that is exceeded during `later_s` of a window: by so much its rounds, the longest first, are longer."""
    longer_ns, count_so_far = 0, 0
    for index, (round_ns, count) in enumerate(rounds):
        longer_ns, count_so_far = longer_ns + round_ns * count, count_so_far + count
        lag_ns = (longer_ns - later_s * NS) / count_so_far
        if index + 1 == len(rounds) or lag_ns >= rounds[index + 1][0]:
            return max(0.0, lag_ns / 1e6)
    return 0.0


def _less(held_s: float, queued_s: float, window_s: float) -> float:
    return min(1.0, max(0.0, held_s - queued_s) / window_s)


def waited_for_a_core_s() -> float:
    """How long this thread has been ready to run while others had the cores; 0 where the kernel does not tell."""
    return waited_for_a_core_ns() / NS
