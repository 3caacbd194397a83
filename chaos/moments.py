"""Tells when a run is at the moment of a strike."""

import time
from collections.abc import Callable

from chaos.case import Role, Strike
from chaos.journal import Watched
from harness.progress.journal import RunEnds, StepBegins, TrialBegins, TrialEnds, TrialsExpected, WindowSeen

LASTS_S = {
    "boot": 0.8,
    "verification": 0.1,
    "warm-up": 0.15,
    "window": 0.35,
    "drain": 0.05,
    "between trials": 0.0,
    "stopping": 0.2,
    "reports": 0.4,
}
"""About how long each moment lasts; the hit comes after a drawn part of it."""
WORKBENCH_BOOTS_S = 2.5
VERIFIED_S = 0.2
"""How long after its driver is seen a trial warms up."""


class Approach:
    """Follows a run up to the moment of one strike."""

    def __init__(
        self, strike: Strike, watched: Watched, is_there: Callable[[Role], bool], *, is_there_before: bool
    ) -> None:
        """`is_there`: whether a process of that role is there now; `is_there_before`: whether it was before the run."""
        self._strike = strike
        self._is_there = is_there
        self._is_there_before = is_there_before
        self._watched = watched
        self._begun_s = time.monotonic()
        self._seen_s: float | None = None

    def due_s(self) -> float | None:
        """When to hit, on the monotonic clock; None while that is not known."""
        start_s = self._start_s()
        if start_s is None:
            return None
        whole_boot = self._strike.moment == "boot" and self._is_there_before
        return start_s + self._strike.at * (WORKBENCH_BOOTS_S if whole_boot else LASTS_S[self._strike.moment])

    def _start_s(self) -> float | None:
        strike, when, in_trial = self._strike, self._watched.when, self._watched.in_trial
        match strike.moment:
            case "boot":
                return self._begun_s if self._is_there_before else self._first_seen_s(strike.role)
            case "verification" | "warm-up":
                seen_s = self._first_seen_s("driver") if when(TrialBegins, strike.trial) is not None else None
                return seen_s and seen_s + (VERIFIED_S if strike.moment == "warm-up" else 0.0)
            case "window":
                return in_trial(strike.trial, WindowSeen, state="opened")
            case "drain":
                return in_trial(strike.trial, WindowSeen, state="closed")
            case "between trials":
                return in_trial(strike.trial, TrialEnds)
            case "stopping":
                return when(StepBegins, text="stopping")
            case "reports":
                return when(RunEnds)

    def _first_seen_s(self, role: Role) -> float | None:
        """When a process of that role was there."""
        if self._seen_s is None and self._is_there(role):
            self._seen_s = time.monotonic()
        return self._seen_s

    def missed(self) -> bool:
        """Whether the moment is over, so that it does not come any more."""
        watched, strike = self._watched, self._strike
        if strike.moment == "boot":
            return watched.when(TrialsExpected) is not None
        if strike.moment in ("verification", "warm-up"):
            opened = watched.in_trial(strike.trial, WindowSeen, state="opened")
            return opened is not None or watched.ended() >= strike.trial
        return strike.moment in ("window", "drain") and watched.ended() >= strike.trial
