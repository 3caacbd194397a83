"""Folds the stamps of good replies into latency and its chain: where the time of a request went."""

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from harness.recording.fold_terms import FoldTerms
from harness.recording.hdr import Histogram
from harness.recording.histograms import bounded, percentile_ms, summarise
from harness.recording.rows import DONE, DUE, EXEC_END, EXEC_START, PUBLISH_END, START, Rows
from harness.results.model import Interval, Latency, Stage, Stages

WORD = 1 << 62
HALF_BITS = 22
"""Of a latency in ns that is squared in parts."""
STAGES = ("driver_lag", "publish", "queue_wait", "execution", "return")
TRANSPORT = "transport"
NAMES = ("latency", "uncorrected", *STAGES, TRANSPORT)


class LatencyChain:
    """Histograms of latency (from the due time), uncorrected latency (from the start) and each stage."""

    def __init__(self, terms: FoldTerms) -> None:
        self.histograms = {name: Histogram() for name in NAMES}
        self.sums_ns = dict.fromkeys(NAMES, 0)
        self.extremes_ns: dict[str, tuple[int, int]] = {}
        """The least and the most of each that has any."""
        self.latency_squares_ns2 = 0
        self._terms = terms

    def add(self, columns: Rows) -> None:
        """Fold good replies in."""
        if not columns.shape[1]:
            return
        latency_ns = columns[DONE] - columns[DUE]
        self._record("latency", latency_ns)
        self.latency_squares_ns2 += _squares(latency_ns)
        self._record("uncorrected", columns[DONE] - columns[START])
        if self._terms.executions_known:
            durations = _between(columns, (DUE, START, PUBLISH_END, EXEC_START, EXEC_END))
            for name, durations_ns in zip(STAGES, durations, strict=True):
                self._record(name, durations_ns)
        else:
            self._add_without_common_clock(columns)

    def _add_without_common_clock(self, columns: Rows) -> None:
        """The worker gives a duration at most; what is left between publishing and the reply is transport."""
        lag_ns, publish_ns, rest_ns = _between(columns, (DUE, START, PUBLISH_END))
        self._record("driver_lag", lag_ns)
        self._record("publish", publish_ns)
        if self._terms.stamped:
            execution_ns = np.clip(columns[EXEC_END] - columns[EXEC_START], 0, rest_ns)
            self._record("execution", execution_ns)
            rest_ns = rest_ns - execution_ns
        self._record(TRANSPORT, rest_ns)

    def _record(self, name: str, durations_ns: Rows) -> None:
        low, high = int(durations_ns.min()), int(durations_ns.max())
        self.histograms[name].record_ns(durations_ns, low, high)
        self._sum(name, int(durations_ns.sum()), (low, high))

    def take(self, name: str, histogram: Histogram, sum_ns: int, extremes_ns: tuple[int, int]) -> None:
        """Take in what another one holds of that name; raises ValueError for a name that none has."""
        if name not in self.histograms:
            raise ValueError(f"a histogram {name!r}")
        self.histograms[name].add(histogram)
        self._sum(name, sum_ns, extremes_ns)

    def _sum(self, name: str, sum_ns: int, extremes_ns: tuple[int, int]) -> None:
        known = self.extremes_ns.get(name, extremes_ns)
        self.sums_ns[name] += sum_ns
        self.extremes_ns[name] = min(known[0], extremes_ns[0]), max(known[1], extremes_ns[1])

    def merge(self, other: "LatencyChain") -> None:
        """Take in all that the other one holds."""
        self.latency_squares_ns2 += other.latency_squares_ns2
        for name, extremes_ns in other.extremes_ns.items():
            self.take(name, other.histograms[name], other.sums_ns[name], extremes_ns)

    def count(self, name: str) -> int:
        """How many values a histogram holds."""
        return self.histograms[name].total

    def mean_ms(self, name: str) -> float:
        """The exact mean, from the stamps themselves."""
        return self.sums_ns[name] / 1e6 / max(1, self.count(name))

    @property
    def scatter(self) -> float:
        """Standard deviation of the latency ÷ its mean; 0 where there is none."""
        count, sum_ns = self.count("latency"), self.sums_ns["latency"]
        return math.sqrt(max(0, count * self.latency_squares_ns2 - sum_ns**2)) / sum_ns if sum_ns > 0 else 0.0

    def latency(self, name: str) -> Latency | None:
        """The summary of one histogram, with its exact mean and extremes; None if it is empty."""
        if not self.count(name):
            return None
        return summarise(self.histograms[name], self.mean_ms(name), *self._within_ms(name))

    def _within_ms(self, name: str) -> Interval:
        """The least and the most."""
        low, high = self.extremes_ns[name]
        return low / 1e6, high / 1e6

    def done_ms(self, part: float, submitted: int) -> float | None:
        """For requests all due at once: after how long that part of them had been answered well; None if never."""
        needed, answered = math.ceil(part * submitted), self.count("latency")
        if not needed or answered < needed:
            return None
        if needed == answered:
            return self.extremes_ns["latency"][1] / 1e6
        done_ms = self.histograms["latency"].value_at(100 * needed / answered) / 1000
        return bounded(done_ms, self._within_ms("latency"))

    def stages(self) -> Stages | None:
        """The latency chain; None if nothing was measured."""
        if not self.count("latency"):
            return None
        parts = {
            name: Stage(
                mean=self.mean_ms(name),
                p50=percentile_ms(self.histograms[name], 50, self._within_ms(name)),
                p99=percentile_ms(self.histograms[name], 99, self._within_ms(name)),
            )
            for name in (*STAGES, TRANSPORT)
            if self.count(name)
        }
        return Stages(return_=parts.pop("return", None), **parts)

    def encoded(self) -> dict[str, str]:
        """The histograms that hold anything, as HdrHistogram's base64."""
        return {name: histogram.encode() for name, histogram in self.histograms.items() if histogram.total}


def _squares(values: Rows) -> int:
    """The sum of their squares, exactly."""
    most = max(abs(int(values.min())), abs(int(values.max())))
    if most * most * len(values) < WORD:
        return int(values @ values)
    high, low = values >> HALF_BITS, values & (1 << HALF_BITS) - 1
    if (most >> HALF_BITS) ** 2 * len(values) >= WORD:  # hours
        high, low = high.astype(object), low.astype(object)
    return (int(high @ high) << 2 * HALF_BITS) + (int(high @ low) << HALF_BITS + 1) + int(low @ low)


def _between(columns: Rows, stamps: Sequence[int]) -> list[Rows]:
    """Time from each stamp to the next, and from the last to the end."""
    # Each stamp is at least the one before it: execution may begin before publishing has returned, and
    # that overlap counts to publishing. So the stages add up to the latency, exactly.
    done = columns[DONE]
    latest = accumulate((columns[stamp] for stamp in stamps), np.maximum)
    edges = [np.minimum(edge, done) for edge in latest]
    return [after - before for before, after in zip(edges, [*edges[1:], done], strict=True)]
