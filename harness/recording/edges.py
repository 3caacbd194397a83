"""What the requests at the edges of a window have to do with it: their time beyond it, and their executions in it."""

import numpy as np

from harness.recording.fold_terms import WHOLE, FoldTerms
from harness.recording.rows import DONE, DUE, Rows


class Edges:
    """Of the window: good requests that were due before it and done in it, or done after it."""

    def __init__(self, terms: FoldTerms) -> None:
        self.latency_ns = 0
        """What those due in the window took after it, less what those due before it took in it."""
        self.waited = 0
        """Executions in the window of requests that had waited for them since before it, less those that requests of
        the window waited for beyond its end; in parts of `WHOLE`.

        The throughput counts the former, and the mean latency is that of the latter: in a window that opens in front of
        a queue and closes behind it, both are true, and do not fit each other.
        """
        self._opened, self._closed = terms.opened_ns, terms.closed_ns

    def add(self, columns: Rows, begin: int, end: int) -> None:
        """Fold good replies in; `begin` and `end`: the columns of their execution."""
        due, done, started, ended = columns[DUE], columns[DONE], columns[begin], columns[end]
        if due.min() >= self._opened and done.max() <= self._closed:
            return
        late = (due >= self._opened) & (due < self._closed) & (done > self._closed)
        early = (due < self._opened) & (done > self._opened)
        self.latency_ns += int((done[late] - self._closed).sum())
        self.latency_ns -= int((np.minimum(done[early], self._closed) - self._opened).sum())
        self.waited -= WHOLE * int(np.count_nonzero(late & (started >= self._closed)))
        waited = early & (started >= self._opened) & (started < self._closed)
        begun, ran = started[waited], np.maximum(ended[waited], started[waited])
        parts = (np.minimum(ran, self._closed) - begun) / np.maximum(1, ran - begun)
        self.waited += int(np.rint(parts * WHOLE).astype(np.int64).sum()) + WHOLE * int(np.count_nonzero(ran == begun))

    def merge(self, other: "Edges") -> None:
        """Take in all that the other one, of the same window, holds."""
        self.latency_ns += other.latency_ns
        self.waited += other.waited
