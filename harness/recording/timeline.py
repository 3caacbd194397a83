"""Folds good replies into slices of the window: how many came in each, and their latency."""

import numpy as np

from harness.recording.fold_terms import FoldTerms
from harness.recording.rows import DONE, DUE, Rows, ascends
from harness.results.model import Timeline

SLICES = 20
"""So few that waves of requests do not show as teeth."""
MOMENTS = 4096
"""As exactly as a pause between replies is known: to this part of the window."""


class Slices:
    """The window in `SLICES` equal parts; a reply belongs to the one in which it came."""

    def __init__(self, terms: FoldTerms) -> None:
        self.replied = np.zeros(MOMENTS, dtype=np.bool_)
        """In which of so many parts of the window replies came."""
        self.ok = np.zeros(SLICES, dtype=np.int64)
        self.sum_ns = np.zeros(SLICES, dtype=np.int64)
        self.max_ns = np.zeros(SLICES, dtype=np.int64)
        self._length_ns = max(0, terms.length_ns)
        self._opened_ns = terms.opened_ns

    def add(self, columns: Rows) -> None:
        """Fold good replies in, whenever they were due."""
        done, due = columns[DONE], columns[DUE]
        if not ascends(done):
            order = np.argsort(done, kind="stable")
            done, due = done[order], due[order]
        first, last = np.searchsorted(done, [self._opened_ns, self._opened_ns + self._length_ns])
        done, latency_ns = done[first:last], done[first:last] - due[first:last]
        if not len(done):
            return
        self.replied[self._parts(done, MOMENTS)[0]] = True
        indices, starts = self._parts(done, SLICES)
        self.ok[indices] += np.diff(starts, append=len(done))
        self.sum_ns[indices] += np.add.reduceat(latency_ns, starts)
        self.max_ns[indices] = np.maximum(self.max_ns[indices], np.maximum.reduceat(latency_ns, starts))

    def _parts(self, done: Rows, parts: int) -> tuple[Rows, Rows]:
        """In which of so many parts of the window these moments lie, in their order; where the first of each stands."""
        low, high = ((int(moment) - self._opened_ns) * parts // self._length_ns for moment in (done[0], done[-1]))
        candidates = np.arange(low, high + 1)
        begins = self._opened_ns - (-candidates * self._length_ns // parts)
        starts = np.searchsorted(done, begins)
        held = np.diff(starts, append=len(done)) > 0
        return candidates[held], starts[held]

    def merge(self, other: "Slices") -> None:
        """Take in all that the other one, of the same window, holds."""
        self.replied |= other.replied
        self.ok += other.ok
        self.sum_ns += other.sum_ns
        self.max_ns = np.maximum(self.max_ns, other.max_ns)

    def longest_pause_s(self) -> float:
        """The longest time between two replies; 0 where fewer came."""
        moments = np.flatnonzero(self.replied)
        longest = int(np.diff(moments).max(initial=1)) - 1
        return longest * self._length_ns / 1e9 / MOMENTS

    def timeline(self) -> Timeline | None:
        """The slices, with latencies in ms; None if no reply came in the window."""
        if not self.ok.any():
            return None
        ok = self.ok.tolist()
        means_ms = [ns / n / 1e6 if n else None for ns, n in zip(self.sum_ns.tolist(), ok, strict=True)]
        highest_ms = [ns / 1e6 if n else None for ns, n in zip(self.max_ns.tolist(), ok, strict=True)]
        return Timeline(
            slice_s=self._length_ns / 1e9 / SLICES,
            ok=ok,
            mean_ms=[_rounded(ms) for ms in means_ms],
            max_ms=[_rounded(ms) for ms in highest_ms],
        )


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)
