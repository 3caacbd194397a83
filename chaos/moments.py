"""Tells when a run is at the moment of a case."""

import time

import psutil

from chaos.case import Case, Role
from chaos.journal import Watched
from chaos.processes import of_role
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
    """Follows a run up to the moment of its case."""

    def __init__(self, case: Case, root: psutil.Process, watched: Watched) -> None:
        self._case = case
        self._root = root
        self._watched = watched
        self._begun_s = time.monotonic()
        self._seen_s: float | None = None

    def due_s(self) -> float | None:
        """When to hit, on the monotonic clock; None while that is not known."""
        start_s = self._start_s()
        if start_s is None:
            return None
        whole_boot = self._case.moment == "boot" and self._is_there_before
        return start_s + self._case.at * (WORKBENCH_BOOTS_S if whole_boot else LASTS_S[self._case.moment])

    @property
    def _is_there_before(self) -> bool:
        """Whether what is hit is there when the run begins."""
        return self._case.role == "workbench" or self._case.hits_given

    def _start_s(self) -> float | None:
        case, when = self._case, self._watched.when
        match case.moment:
            case "boot":
                return self._begun_s if self._is_there_before else self._first_seen_s(case.role)
            case "verification" | "warm-up":
                seen_s = self._first_seen_s("driver") if when(TrialBegins, case.trial) is not None else None
                return seen_s and seen_s + (VERIFIED_S if case.moment == "warm-up" else 0.0)
            case "window":
                return when(WindowSeen, case.trial, state="opened")
            case "drain":
                return when(WindowSeen, case.trial, state="closed")
            case "between trials":
                return when(TrialEnds, case.trial)
            case "stopping":
                return when(StepBegins, text="stopping")
            case "reports":
                return when(RunEnds)

    def _first_seen_s(self, role: Role) -> float | None:
        """When a process of that role was there."""
        if self._seen_s is None and of_role(self._root, role):
            self._seen_s = time.monotonic()
        return self._seen_s

    def missed(self) -> bool:
        """Whether the moment is over, so that it does not come any more."""
        watched, case = self._watched, self._case
        if case.moment == "boot":
            return watched.when(TrialsExpected) is not None
        if case.moment in ("verification", "warm-up"):
            return watched.when(WindowSeen, case.trial, state="opened") is not None or watched.ended() >= case.trial
        return case.moment in ("window", "drain") and watched.ended() >= case.trial
