"""The search for the highest rate that holds a limit: which rate is tried next. Pure.

A ramp doubles the rate until it no longer holds; bisection narrows the bracket; then the rate that held is confirmed
by full trials, one in each round. A rate that is not confirmed is lowered and tried again.
"""

import math
from typing import Literal, NamedTuple

from harness.plan.limit import FIRST_PER_S

LEAST_PER_S = 0.5
MOST_PER_S = 500_000.0
NARROW = 1.05
"""Lowest rate that did not hold ÷ highest that did, at which bisection ends."""
LOWER = 0.95
LOWERED_MOST = 20
TRIES = 2
"""Of a probe that does not hold by a little: once may be the machine's other guests."""
FAR_OFF = 0.9
"""Share of the rate; a probe that served less does not hold by a lot."""
DIGITS = 3
"""Of a rate, so that it can be read and given again."""


class Step(NamedTuple):
    """What a search needs to know next."""

    kind: Literal["probe", "confirm"]
    rate_per_s: float
    round: int
    """Of a confirmation; 0 of a probe."""


class Search:
    """Of one cell: `next()` says what to try, `told()` what came of it."""

    def __init__(self, rounds: int) -> None:
        self.low_per_s: float | None = None
        """Highest rate that has held."""
        self.high_per_s: float | None = None
        """Lowest rate that has not."""
        self.confirmed = False
        self.given_up: str | None = None
        self._rounds = rounds
        self._confirmed = 0
        self._lowered = 0
        self._failed = 0

    def next(self) -> Step | None:
        """What to try; None once it is over."""
        if self.confirmed or self.given_up is not None:
            return None
        if self.high_per_s is None:
            rate = FIRST_PER_S if self.low_per_s is None else 2 * self.low_per_s
            return Step("probe", rate, 0)
        if self.low_per_s is None:
            return Step("probe", _rounded(self.high_per_s / 2), 0)
        if not self._lowered and not self._confirmed and self.high_per_s / self.low_per_s > NARROW:
            middle = _rounded(math.sqrt(self.low_per_s * self.high_per_s))
            if self.low_per_s < middle < self.high_per_s:
                return Step("probe", middle, 0)
        return Step("confirm", self.low_per_s, self._confirmed + 1)

    def told(self, step: Step, held: bool, served_per_s: float | None = None) -> None:
        """What came of it, and the rate that was served."""
        if step.kind == "confirm":
            self._told_of_confirmation(step.rate_per_s, held)
        elif held:
            self._failed = 0
            self.low_per_s = step.rate_per_s
            if step.rate_per_s * 2 > MOST_PER_S and self.high_per_s is None:
                self.high_per_s = 2 * step.rate_per_s
        else:
            far_off = served_per_s is not None and served_per_s < FAR_OFF * step.rate_per_s
            self._failed += TRIES if far_off else 1
            if self._failed >= TRIES:
                self._failed = 0
                self.high_per_s = step.rate_per_s
                if self.low_per_s is None and step.rate_per_s / 2 < LEAST_PER_S:
                    self.given_up = f"not even {step.rate_per_s:g}/s holds it"

    def _told_of_confirmation(self, rate_per_s: float, held: bool) -> None:
        if held:
            self._confirmed += 1
            self.confirmed = self._confirmed == self._rounds
            return
        self._confirmed = 0
        self._lowered += 1
        self.high_per_s = rate_per_s
        self.low_per_s = _rounded(rate_per_s * LOWER)
        if self._lowered > LOWERED_MOST:
            self.given_up = f"no rate was confirmed down to {rate_per_s:g}/s"

    @property
    def to_go(self) -> int:
        """About how many trials are left."""
        if self.next() is None:
            return 0
        confirming = self._rounds - self._confirmed
        if self.high_per_s is None or self.low_per_s is None:
            return confirming + 8
        if self._lowered or self._confirmed:
            return confirming
        return confirming + math.ceil(2 * math.log2(max(1.0, math.log(self.high_per_s / self.low_per_s, NARROW))))


def _rounded(rate_per_s: float) -> float:
    return float(f"{rate_per_s:.{DIGITS}g}")
