"""Which disturbed trials are measured again: bounded, so that a machine that is never quiet does not double a run."""

import math

import msgspec

from harness.accounting.disturbance import disturbance
from harness.results.model import Trial
from harness.statistics.units import percent

SHARE_MOST = 0.2
"""Of all trials of a run."""
IN_VAIN_MOST = 3
"""Trials in a row that were still disturbed when they had been repeated as often as they may: others do not go away."""


class Repeats:
    """The repeats of one run."""

    def __init__(self, each: int) -> None:
        """`each`: of one trial, in its round."""
        self._each = each
        self.stopped: str | None = None
        """Why there are no more; None while there may be."""
        self._expected = 0
        self._repeated = 0
        self._in_vain = 0

    def expect(self, trials: int) -> None:
        """How many trials the run has without repeats, as far as is known."""
        self._expected = trials

    def judged(self, trial: Trial, times: int) -> Trial:
        """`disturbed`, with the reason, if it is to be measured again; else as it is, with its doubts.

        `times`: how often it has been measured again already.
        """
        reason = disturbance(trial)
        if reason is None or self.stopped is not None or not self._each:
            self._in_vain = 0
            return trial
        if times >= self._each:
            self._stays_disturbed()
            return trial
        if self._repeated >= self._most:
            self.stopped = (
                f"disturbed trials are no longer measured again: {self._repeated} were, {percent(SHARE_MOST)} of the "
                "run"
            )
            return trial
        self._repeated += 1
        return msgspec.structs.replace(trial, status="disturbed", error=f"measured again: {reason}")

    @property
    def _most(self) -> int:
        return math.ceil(SHARE_MOST * self._expected)

    def _stays_disturbed(self) -> None:
        self._in_vain += 1
        if self._in_vain >= IN_VAIN_MOST:
            self.stopped = (
                f"disturbed trials are no longer measured again: {self._in_vain} in a row stayed disturbed even so"
            )
