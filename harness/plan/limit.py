"""Limits of the latency, such as `p99<250ms`, and whether a trial holds them. Pure."""

import math
import re

import msgspec

from harness.errors import UsageError
from harness.results.model import Trial
from harness.statistics.deciding.figures import far_below
from harness.statistics.doubts import NOT_STATIONARY, UNSUSTAINABLE
from harness.statistics.units import seconds

PERCENTS = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p999": 99.9}
SYNTAX = re.compile(r"\s*(p\d+)\s*<=?\s*(\S+)\s*")
CHANCE = 3.0
"""Standard deviations by which a number of failures lies off by chance."""
FIRST_PER_S = 10.0
"""The rate at which a search begins."""


class Limit(msgspec.Struct, frozen=True):
    """A percentile of the latency, from when a request was due, that must lie below a time."""

    name: str
    limit_s: float
    text: str
    failing: float = 0.0
    """Share of all requests that the work fails by itself, on any side: it breaks no limit."""

    @classmethod
    def parse(cls, text: str, where: str) -> "Limit":
        """`p99<250ms`; raises UsageError."""
        match = SYNTAX.fullmatch(text)
        if match is None or match[1] not in PERCENTS:
            known = ", ".join(PERCENTS)
            raise UsageError(f"{where}: expected a percentile ({known}) below a time, such as p99<250ms; got {text!r}.")
        return cls(match[1], seconds(match[2], where), f"{match[1]}<{match[2]}")

    def broken_by(self, trial: Trial) -> str | None:
        """Why a trial does not hold the limit; None if it does.

        Not by the percentile itself, which needs a thousand requests: by how many were later than the limit allows.
        A request that was not answered well is one of them.
        """
        if (reason := not_stable(trial)) is not None:
            return reason
        not_ok = trial.submitted - trial.ok - self._own_failures(trial)
        if not_ok:
            return f"{not_ok} of {trial.submitted} requests were not answered well"
        late = _later_than(trial, self.limit_s)
        allowed = math.floor(trial.submitted * (100 - PERCENTS[self.name]) / 100 + 1e-9)
        if late > allowed:
            return f"{late} of {trial.submitted} requests took {_time(self.limit_s)} or longer"
        return None

    def late_in(self, trial: Trial) -> int:
        """Requests of a trial that were later than the limit allows, or not answered well."""
        return trial.submitted - trial.ok - self._own_failures(trial) + _later_than(trial, self.limit_s)

    def clearly_held_by(self, trial: Trial) -> bool:
        """Whether no reply took even half of what it allows: then it does not matter that the load was not at rest."""
        sustained = all(doubt.kind != UNSUSTAINABLE for doubt in trial.doubts)
        return trial.status == "measured" and trial.submitted > 0 and sustained and far_below(trial, self.limit_s)

    def _own_failures(self, trial: Trial) -> int:
        """Of the requests that raised, those that the work fails by itself: no more than chance allows."""
        return min(trial.failed, failures_allowed(self.failing, trial.submitted))


def failures_allowed(share: float, requests: int) -> int:
    """How many of so many requests may fail, where that share of them does by itself."""
    return math.floor(share * requests + CHANCE * math.sqrt(share * requests)) if share else 0


def not_stable(trial: Trial) -> str | None:
    """Why no limit is held in a trial, whatever its latencies: it was not measured, or not at rest; None if it was."""
    if trial.status != "measured":
        return (trial.error or trial.status).splitlines()[0]
    if not trial.submitted:
        return "no request was due in the window"
    return next((doubt.text for doubt in trial.doubts if doubt.kind in (UNSUSTAINABLE, NOT_STATIONARY)), None)


def _later_than(trial: Trial, limit_s: float) -> int:
    """Good replies that took that long or longer, as far as a histogram tells them apart (0.1 %)."""
    from harness.recording.histograms import merge  # numpy: not needed to read a limit

    if "latency" not in trial.histograms:
        return 0
    histogram = merge([trial.histograms["latency"]])
    within = sum(count for value_us, count in histogram.recorded() if value_us < limit_s * 1e6)
    return histogram.total - within


def _time(limit_s: float) -> str:
    return f"{limit_s * 1000:g} ms" if limit_s < 1 else f"{limit_s:g} s"
