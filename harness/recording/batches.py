"""By what part the mean of a window's latencies may lie off by chance, where those of one time are alike.

The requests of a wave, or those that a pause of the machine held up, are one observation rather than many. So means of
parts of the window, each as long as a response, are compared (batch means: Law, Simulation Modeling and Analysis, 9.5).
"""

import math

import numpy as np

from harness.recording.fold_terms import FoldTerms
from harness.recording.rows import DONE, DUE, Rows

SLICES = 40
"""Kept of a window, and put together to as many batches as it holds responses."""
BATCHES_LEAST, BATCHES_MOST = 2, 20


class Batches:
    """The window in equal parts; a request belongs to that in which it was due."""

    def __init__(self, terms: FoldTerms) -> None:
        self.number = np.zeros(SLICES, dtype=np.int64)
        self.sum_ns = np.zeros(SLICES, dtype=np.int64)
        self._opened, self._long = terms.opened_ns, max(1, terms.length_ns)

    def add(self, columns: Rows) -> None:
        """Fold good replies in that were due in the window."""
        due, latency_ns = columns[DUE], columns[DONE] - columns[DUE]
        first, last = ((int(moment) - self._opened) * SLICES // self._long for moment in (due.min(), due.max()))
        if first == last:
            self.number[first] += len(due)
            self.sum_ns[first] += latency_ns.sum()
            return
        slices = (due - self._opened) * SLICES // self._long
        self.number += np.bincount(slices, minlength=SLICES)
        np.add.at(self.sum_ns, slices, latency_ns)

    def merge(self, other: "Batches") -> None:
        """Take in all that the other one, of the same window, holds."""
        self.number += other.number
        self.sum_ns += other.sum_ns

    @property
    def error(self) -> float:
        """Standard error of the mean ÷ the mean; 0 where there is none."""
        number, sum_s = float(self.number.sum()), float(self.sum_ns.sum()) / 1e9
        if not sum_s:
            return 0.0
        mean_s = sum_s / number
        batches = int(min(BATCHES_MOST, max(BATCHES_LEAST, self._long / 1e9 / mean_s)))
        first = np.ceil(np.arange(batches) * SLICES / batches).astype(int)
        off = np.add.reduceat(self.sum_ns / 1e9 - mean_s * self.number, first)
        return math.sqrt(float(np.square(off).sum()) * batches / (batches - 1)) / sum_s
