"""Folds good replies into slices of the window: how many came in each, and their latency."""

import numpy as np

from harness.recording.rows import DONE, DUE, Rows
from harness.results.model import Timeline

SLICES = 20
"""So few that waves of requests do not show as teeth."""
MOMENTS = 4096
"""As exactly as a pause between replies is known: to this part of the window."""


class Slices:
    """The window [opened_ns, closed_ns) in `SLICES` equal parts; a reply belongs to the one in which it came."""

    def __init__(self, opened_ns: int, closed_ns: int) -> None:
        self._opened_ns, self._closed_ns = opened_ns, closed_ns
        self._replied = np.zeros(MOMENTS, dtype=np.bool_)
        self._ok = np.zeros(SLICES, dtype=np.int64)
        self._sum_ns = np.zeros(SLICES, dtype=np.int64)
        self._max_ns = np.zeros(SLICES, dtype=np.int64)

    def add(self, good: Rows) -> None:
        """Fold good replies in, whenever they were due."""
        inside = (good[:, DONE] >= self._opened_ns) & (good[:, DONE] < self._closed_ns)
        done, due = good[inside, DONE], good[inside, DUE]
        self._replied[(done - self._opened_ns) * MOMENTS // max(1, self._closed_ns - self._opened_ns)] = True
        index = (done - self._opened_ns) * SLICES // max(1, self._closed_ns - self._opened_ns)
        latency_ns = done - due
        self._ok += np.bincount(index, minlength=SLICES)
        np.add.at(self._sum_ns, index, latency_ns)
        np.maximum.at(self._max_ns, index, latency_ns)

    def longest_pause_s(self) -> float:
        """The longest time between two replies; 0 where fewer came."""
        moments = np.flatnonzero(self._replied)
        longest = int(np.diff(moments).max(initial=1)) - 1
        return longest * (self._closed_ns - self._opened_ns) / 1e9 / MOMENTS

    def timeline(self) -> Timeline | None:
        """The slices, with latencies in ms; None if no reply came in the window."""
        if not self._ok.any():
            return None
        ok = self._ok.tolist()
        means_ms = [ns / n / 1e6 if n else None for ns, n in zip(self._sum_ns.tolist(), ok, strict=True)]
        highest_ms = [ns / 1e6 if n else None for ns, n in zip(self._max_ns.tolist(), ok, strict=True)]
        return Timeline(
            slice_s=(self._closed_ns - self._opened_ns) / 1e9 / SLICES,
            ok=ok,
            mean_ms=[_rounded(ms) for ms in means_ms],
            max_ms=[_rounded(ms) for ms in highest_ms],
        )


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)
