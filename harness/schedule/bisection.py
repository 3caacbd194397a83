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
"""Attempts at a rate that fails narrowly: a single failure may be due to other users of the machine."""
FAR_OFF = 0.9
"""Share of the rate; a probe that served less fails clearly, and is not repeated."""
UNKNOWN_PROBES = 8
"""Estimated number of remaining probes while no bracket is known."""
DIGITS = 3
"""Significant digits of a rate, so that it can be read and given on the command line."""


class Attempt(NamedTuple):
    """A rate that a search tries next."""

    kind: Literal["probe", "confirm"]
    rate_per_s: float
    round: int
    """Of a confirmation; 0 of a probe."""


class Left(NamedTuple):
    """Trials that a search still needs."""

    probes: int
    confirmations: int


class Steps(NamedTuple):
    """How a search goes about it."""

    first_per_s: float | None = None
    """Where it begins; without one at half of the ceiling, if there is one."""
    grow: float = 2.0
    """Each step of the ramp ÷ the one before it; a ceiling is then not jumped at either, if `first_per_s` is given."""
    narrow: float = NARROW
    lower: float = LOWER
    """By what a rate is lowered that was not confirmed."""
    tries: int = TRIES


USUAL = Steps()


class Search:
    """The search of one cell: `next()` returns what to try, `note()` takes its outcome."""

    def __init__(self, rounds: int, ceiling_per_s: float | None = None, steps: Steps = USUAL) -> None:
        """`rounds`: in each of which the rate must hold before it is confirmed.

        `ceiling_per_s`: where that is known, no rate as high can hold: at a utilisation of 1 no queue is stable.
        """
        self._steps = steps
        self.low_per_s: float | None = None
        """Highest rate that has held."""
        self.high_per_s = ceiling_per_s
        """Lowest rate that has not."""
        self.confirmed = False
        self.given_up: str | None = None
        """Why no rate was found; None if one was, or may be."""
        self._rounds = rounds
        self._confirmed = 0
        self._lowered = 0
        self._tries_failed = 0
        self._narrow_enough = False

    def next(self) -> Attempt | None:
        """What to try; None once it is over."""
        if self.confirmed or self.given_up is not None:
            return None
        if self._narrow_enough and self.low_per_s is not None:
            return Attempt("confirm", self.low_per_s, self._confirmed + 1)
        if self.high_per_s is None:
            return _probe(self._first_per_s if self.low_per_s is None else self._grown(self.low_per_s))
        if self.low_per_s is None:
            return _probe(_rounded(min(self._steps.first_per_s or math.inf, self.high_per_s / 2)))
        if self._confirming == 0 and self.high_per_s / self.low_per_s > self._steps.narrow:
            # Lies between them: each is 2.4 % away or more, and rounding moves it by 0.5 % at most.
            middle_per_s = math.sqrt(self.low_per_s * self.high_per_s)
            expected = self._steps.first_per_s is not None
            return _probe(_rounded(min(middle_per_s, self._grown(self.low_per_s)) if expected else middle_per_s))
        return Attempt("confirm", self.low_per_s, self._confirmed + 1)

    @property
    def _first_per_s(self) -> float:
        return self._steps.first_per_s or FIRST_PER_S

    def _grown(self, rate_per_s: float) -> float:
        return _rounded(self._steps.grow * rate_per_s)

    @property
    def _confirming(self) -> int:
        """Trials that confirmed, or rates that did not hold when they did not: 0 while rates are probed."""
        return self._lowered + self._confirmed

    def note(self, attempt: Attempt, held: bool, served_per_s: float | None = None) -> None:
        """Take what came of it; `served_per_s`: the rate that was served, where it is known."""
        if attempt.kind == "confirm":
            self._note_confirmation(attempt.rate_per_s, held)
        elif held:
            self._note_held(attempt.rate_per_s)
        else:
            self._note_failed(attempt.rate_per_s, served_per_s)

    def _note_held(self, rate_per_s: float) -> None:
        self._tries_failed = 0
        self.low_per_s = rate_per_s
        if self.high_per_s is None and 2 * rate_per_s > MOST_PER_S:
            self.high_per_s = 2 * rate_per_s

    def _note_failed(self, rate_per_s: float, served_per_s: float | None) -> None:
        """A probe that served far less than its rate has failed at once, any other one when it has twice."""
        far_off = served_per_s is not None and served_per_s < FAR_OFF * rate_per_s
        self._tries_failed += self._steps.tries if far_off else 1
        if self._tries_failed < self._steps.tries:
            return
        self._tries_failed = 0
        self.high_per_s = rate_per_s
        if self.low_per_s is None and rate_per_s / 2 < LEAST_PER_S:
            self.given_up = f"not even {rate_per_s:g}/s holds it"

    def _note_confirmation(self, rate_per_s: float, held: bool) -> None:
        """A rate that does not hold in a full trial is lowered, and has to be confirmed anew."""
        if held:
            self._confirmed += 1
            self.confirmed = self._confirmed == self._rounds
            return
        self._confirmed = 0
        self._lowered += 1
        self.high_per_s = rate_per_s
        self.low_per_s = _rounded(rate_per_s * self._steps.lower)
        if self._lowered > LOWERED_MOST:
            self.given_up = f"no rate was confirmed down to {rate_per_s:g}/s"

    def narrow_no_more(self) -> None:
        """Go on to confirm the highest rate that held; give up where none did."""
        if self.low_per_s is None:
            self.given_up = self.given_up or "no rate held in the time that there was"
        self._narrow_enough = True

    def settle(self) -> None:
        """Take the rounds that confirmed the rate so far as enough; give up where there is none."""
        if self._confirmed:
            self.confirmed = True
        elif self.given_up is None:
            self.given_up = "no rate was confirmed in the time that there was"

    @property
    def expected(self) -> Left:
        """About how many trials are left; none once it is over."""
        if self.next() is None:
            return Left(0, 0)
        confirming = self._rounds - self._confirmed
        if self._narrow_enough:
            return Left(0, confirming)
        if self.high_per_s is None or self.low_per_s is None:
            return Left(UNKNOWN_PROBES, confirming)
        if self._confirming:
            return Left(0, confirming)
        bracket = max(1.0, math.log(self.high_per_s / self.low_per_s, self._steps.narrow))
        return Left(math.ceil(2 * math.log2(bracket)), confirming)

    @property
    def most(self) -> Left:
        """How many trials may be left: each rate fails at its last try, each confirmation in its last round."""
        if self.next() is None:
            return Left(0, 0)
        rates = LOWERED_MOST + 1 - self._lowered
        return Left(
            0 if self._confirming else self._steps.tries * self._steps_most(), rates * self._rounds - self._confirmed
        )

    def _steps_most(self) -> int:
        """Rates that may be probed: all of a ramp, up or down, then those of a bisection."""
        low, high = self.low_per_s, self.high_per_s
        if low is not None and high is not None:
            return _halvings(math.log(high / low, self._steps.narrow))
        first = low or self._first_per_s
        ramp = _halvings(high / LEAST_PER_S) if high is not None else _halvings(MOST_PER_S / first) + 1
        return ramp + _halvings(math.log(2, self._steps.narrow))


def _halvings(times: float) -> int:
    """How often that must be halved until it is no more than 1; once more, because rates are rounded."""
    return math.ceil(math.log2(max(1.0, times))) + 1


def _probe(rate_per_s: float) -> Attempt:
    return Attempt("probe", rate_per_s, 0)


def _rounded(rate_per_s: float) -> float:
    return float(f"{rate_per_s:.{DIGITS}g}")
