"""Folds the stamps of good replies into latency and its chain: where the time of a request went."""

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from harness.recording.hdr import Histogram
from harness.recording.histograms import percentile_ms, summarise
from harness.recording.rows import DONE, DUE, EXEC_END, EXEC_START, PUBLISH_END, START, Rows
from harness.results.model import Latency, Stage, Stages

STAGES = ("driver_lag", "publish", "queue_wait", "execution", "return")
TRANSPORT = "transport"


class LatencyChain:
    """Histograms of latency (from the due time), uncorrected latency (from the start) and each stage.

    `comparable`: whether the stamps of executions are of the driver's clock. `stamped`: whether they are those of all
    that a request executes.
    """

    def __init__(self, *, comparable: bool, stamped: bool) -> None:
        self.histograms = {name: Histogram() for name in ("latency", "uncorrected", *STAGES, TRANSPORT)}
        self._comparable = comparable
        self._stamped = stamped
        self._sums_ns = dict.fromkeys(self.histograms, 0)
        self._latency_squares_ms2 = 0.0
        self._extremes_ns: dict[str, tuple[int, int]] = {}

    def add(self, rows: Rows) -> None:
        """Fold good replies in."""
        if not len(rows):
            return
        latency_ns = rows[:, DONE] - rows[:, DUE]
        self._record("latency", latency_ns)
        self._latency_squares_ms2 += float(np.square(latency_ns / 1e6).sum())
        self._record("uncorrected", rows[:, DONE] - rows[:, START])
        if self._comparable:
            durations = _between(rows, (DUE, START, PUBLISH_END, EXEC_START, EXEC_END))
            for name, durations_ns in zip(STAGES, durations, strict=True):
                self._record(name, durations_ns)
        else:
            self._add_without_common_clock(rows)

    def _add_without_common_clock(self, rows: Rows) -> None:
        """The worker gives a duration at most; what is left between publishing and the reply is transport."""
        lag_ns, publish_ns, rest_ns = _between(rows, (DUE, START, PUBLISH_END))
        self._record("driver_lag", lag_ns)
        self._record("publish", publish_ns)
        if self._stamped:
            execution_ns = np.clip(rows[:, EXEC_END] - rows[:, EXEC_START], 0, rest_ns)
            self._record("execution", execution_ns)
            rest_ns = rest_ns - execution_ns
        self._record(TRANSPORT, rest_ns)

    def _record(self, name: str, durations_ns: Rows) -> None:
        self._sums_ns[name] += int(durations_ns.sum())
        low, high = int(durations_ns.min()), int(durations_ns.max())
        if name in self._extremes_ns:
            low, high = min(low, self._extremes_ns[name][0]), max(high, self._extremes_ns[name][1])
        self._extremes_ns[name] = low, high
        self.histograms[name].record_all((durations_ns + 500) // 1000)

    def count(self, name: str) -> int:
        """How many values a histogram holds."""
        return self.histograms[name].total

    def mean_ms(self, name: str) -> float:
        """The exact mean, from the stamps themselves."""
        return self._sums_ns[name] / 1e6 / max(1, self.count(name))

    @property
    def scatter(self) -> float:
        """Standard deviation of the latency ÷ its mean; 0 where there is none."""
        mean_ms = self.mean_ms("latency")
        if not mean_ms:
            return 0.0
        variance_ms2 = self._latency_squares_ms2 / self.count("latency") - mean_ms**2
        return math.sqrt(max(0.0, variance_ms2)) / mean_ms

    def latency(self, name: str) -> Latency | None:
        """The summary of one histogram, with its exact mean and extremes; None if it is empty."""
        if not self.count(name):
            return None
        low, high = self._extremes_ns[name]
        return summarise(self.histograms[name], self.mean_ms(name), low / 1e6, high / 1e6)

    def done_ms(self, part: float, submitted: int) -> float | None:
        """For requests all due at once: after how long that part of them had been answered well; None if never."""
        needed, answered = math.ceil(part * submitted), self.count("latency")
        if not needed or answered < needed:
            return None
        if needed == answered:
            return self._extremes_ns["latency"][1] / 1e6
        return self.histograms["latency"].value_at(100 * needed / answered) / 1000

    def stages(self) -> Stages | None:
        """The latency chain; None if nothing was measured."""
        if not self.count("latency"):
            return None
        parts = {
            name: Stage(
                mean=self.mean_ms(name),
                p50=percentile_ms(self.histograms[name], 50),
                p99=percentile_ms(self.histograms[name], 99),
            )
            for name in (*STAGES, TRANSPORT)
            if self.count(name)
        }
        return Stages(return_=parts.pop("return", None), **parts)

    def encoded(self) -> dict[str, str]:
        """The histograms that hold anything, as HdrHistogram's base64."""
        return {name: histogram.encode() for name, histogram in self.histograms.items() if histogram.total}


def _between(rows: Rows, stamps: Sequence[int]) -> list[Rows]:
    """Time from each stamp to the next, and from the last to the end."""
    # Each stamp is at least the one before it: execution may begin before publishing has returned, and
    # that overlap counts to publishing. So the stages add up to the latency, exactly.
    done = rows[:, DONE]
    latest = accumulate((rows[:, stamp] for stamp in stamps), np.maximum)
    edges = [np.minimum(edge, done) for edge in latest]
    return [after - before for before, after in zip(edges, [*edges[1:], done], strict=True)]
