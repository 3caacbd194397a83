"""How long the trials of `workbench decide` take, and which rounds fit into what is left of its time. Pure."""

import math
from typing import NamedTuple

from harness.plan.decide import (
    ALONE_S,
    FULL_S,
    FULL_STRETCH_S,
    LOOK_REST_S,
    LOOK_S,
    RATE_LEAST_S,
    RATE_MOST_S,
    ROUNDS,
    STRETCH_S,
    Patience,
)
from harness.statistics.intervals import BOOTS_FOR_VERDICT

RESPONSES = 12
"""Of which a window has as many, unless that would take too long."""
TRIAL_S = 1.0
"""A trial beyond its windows: a driver begins and ends, its stamps are read."""
WARMUP_S, SHORT_WARMUP_S = 0.5, 0.2
BEGIN_S, END_S = 8.0, 7.0
"""For services to start, and for them to end and the reports to be written."""
BOOT_S = 7.0
"""For services to start afresh, until it has been seen."""
RESTS_S = 1.0
"""For a load to be seen at rest."""


class Spans(NamedTuple):
    """By how long one request alone takes."""

    alone_s: float

    def look_s(self) -> float:
        """A trial that looks at the job."""
        return self._trial(SHORT_WARMUP_S, 2 * min(LOOK_REST_S, 2 * self.alone_s), self._window(LOOK_S, STRETCH_S))

    def one_s(self) -> float:
        """A trial of one request alone."""
        patience = Patience(self.alone_s)
        rest_s = min(patience.alone_rest_s, 2 * self.alone_s)
        return self._trial(SHORT_WARMUP_S, rest_s, self._window(ALONE_S, patience.alone_stretch_s))

    def full_s(self) -> float:
        """A trial in full use."""
        return self._trial(WARMUP_S, self._rest(), self._window(FULL_S, FULL_STRETCH_S))

    def rate_s(self) -> float:
        """A trial at a rate, with the shortest window."""
        return self._trial(WARMUP_S, RESTS_S + self._rest(), self.rate_window_s)

    @property
    def rate_window_s(self) -> float:
        """The shortest window at a rate: that of a slow job is stretched."""
        return self._window(RATE_LEAST_S, STRETCH_S)

    def round_s(self, sides: int = 2) -> float:
        """A round of as many sides at the rate, with the shortest windows."""
        return sides * self.rate_s()

    def verdict_s(self, boot_s: float = BOOT_S, sides: int = 2) -> float:
        """The rounds that a verdict takes, with no more starts of services than that."""
        return ROUNDS * self.round_s(sides) + BOOTS_FOR_VERDICT * boot_s

    def least_s(self) -> float:
        """The shortest decision: both sides looked at, alone, and in one round at the rate; start and end included."""
        return math.ceil(BEGIN_S + 2 * (self.look_s() + self.one_s()) + self.round_s() + END_S)

    def _rest(self) -> float:
        return min(Patience(self.alone_s).rest_s, 2 * self.alone_s)

    def _window(self, least_s: float, most_s: float) -> float:
        return max(least_s, min(RESPONSES * self.alone_s, most_s))

    def _trial(self, warmup_s: float, rest_s: float, window_s: float) -> float:
        """The first request is verified; after the window, what is under way ends."""
        return TRIAL_S + warmup_s + rest_s + window_s + 2 * self.alone_s


class Fitting(NamedTuple):
    """Rounds at the rate: how many, with how many starts of services, and how long their windows are."""

    rounds: int
    boots: int
    window_s: float

    def boots_before(self, done: int) -> bool:
        """Whether services start afresh before the round after so many."""
        if not self.boots:
            return False
        return not done or done * self.boots // self.rounds != (done - 1) * self.boots // self.rounds


class Costs(NamedTuple):
    """Of rounds at the rate, in seconds."""

    boot_s: float
    trial_s: float
    """With the shortest window, which is `window_s`."""
    window_s: float
    trials: int
    """Of a round, at the rate."""
    others_s: float
    """Other trials of a round."""

    def fitting(self, left_s: float, window_most_s: float) -> Fitting:
        """As many rounds as there are, then as many starts, then windows as long as fit; none if none fits."""
        for rounds, boots in _choices():
            each_s = (left_s - boots * self.boot_s - rounds * self.others_s) / (rounds * self.trials)
            window_s = self.window_s + each_s - self.trial_s
            if window_s >= self.window_s:
                return Fitting(rounds, boots, max(1.0, min(RATE_MOST_S, window_s, window_most_s)))
        return Fitting(0, 0, RATE_LEAST_S)


def _choices() -> list[tuple[int, int]]:
    """Rounds and starts of services, what is wanted most first: a verdict takes several starts."""
    several = [
        (rounds, boots)
        for rounds in range(ROUNDS, 1, -1)
        for boots in range(rounds, min(BOOTS_FOR_VERDICT, rounds) - 1, -1)
    ]
    return [*several, (1, 1), (1, 0)]
