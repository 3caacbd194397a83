"""By what part the mean of a window's latencies may lie off by chance, where those of one time are alike.

The requests of a wave, or those that a pause of the machine held up, are one observation rather than many. So means of
parts of the window, each as long as a response, are compared (batch means: Law, Simulation Modeling and Analysis, 9.5).
"""

import math

import numpy as np
from numpy.typing import NDArray

from harness.recording.rows import DONE, DUE, Rows

SLICES = 40
"""Kept of a window, and put together to as many batches as it holds responses."""
BATCHES_LEAST, BATCHES_MOST = 2, 20


class Batches:
    """The window [opened_ns, closed_ns) in equal parts; a request belongs to that in which it was due."""

    def __init__(self, opened_ns: int, closed_ns: int) -> None:
        self._opened, self._long = opened_ns, max(1, closed_ns - opened_ns)
        self._number: NDArray[np.float64] = np.zeros(SLICES)
        self._sum_s: NDArray[np.float64] = np.zeros(SLICES)

    def add(self, good: Rows) -> None:
        """Fold good replies in that were due in the window."""
        slices = (good[:, DUE] - self._opened) * SLICES // self._long
        self._number += np.bincount(slices, minlength=SLICES)
        self._sum_s += np.bincount(slices, weights=(good[:, DONE] - good[:, DUE]) / 1e9, minlength=SLICES)

    @property
    def error(self) -> float:
        """Standard error of the mean ÷ the mean; 0 where there is none."""
        number, sum_s = float(self._number.sum()), float(self._sum_s.sum())
        if not sum_s:
            return 0.0
        mean_s = sum_s / number
        batches = int(min(BATCHES_MOST, max(BATCHES_LEAST, self._long / 1e9 / mean_s)))
        first = np.ceil(np.arange(batches) * SLICES / batches).astype(int)
        off = np.add.reduceat(self._sum_s - mean_s * self._number, first)
        return math.sqrt(float(np.square(off).sum()) * batches / (batches - 1)) / sum_s
