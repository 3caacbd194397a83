"""Folds a trial's spool of stamps into what its figures are made from: counts, throughput, backlog, latency."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.recording.batches import Batches
from harness.recording.edges import Edges
from harness.recording.latency_chain import LatencyChain
from harness.recording.request_numbers import in_one_row
from harness.recording.rows import DONE, DUE, EXEC_END, EXEC_START, NUMBER, PUBLISH_END, START, STATUS, Rows, chunks
from harness.recording.spool import Status
from harness.recording.timeline import Slices
from harness.results.model import Latency, Stages, Timeline

BACKLOG_POINTS = 41
NOT_ENDED = -1
EDGE = 4096
"""The largest number of slots for which gaps can be computed."""
SPREAD_MOST = 16
"""How many times as far apart as they are many numbers may lie to be counted in a table."""


class Counts(msgspec.Struct):
    """What the requests due within the window ended as."""

    submitted: int = 0
    ok: int = 0
    wrong: int = 0
    failed: int = 0
    lost: int = 0

    def add(self, status: Rows) -> None:
        """Count requests by their status."""
        ended = np.bincount(status, minlength=len(Status))
        self.submitted += int(ended.sum())
        self.ok += int(ended[Status.OK])
        self.wrong += int(ended[Status.WRONG])
        self.failed += int(ended[Status.FAILED])
        self.lost += int(ended[Status.LOST])


class Fold:
    """What the rows of a trial that issued `issued` requests amount to, within the window [opened_ns, closed_ns).

    `stamped`: whether the stamps of execution are those of all that a request executes.
    """

    def __init__(self, opened_ns: int, closed_ns: int, comparable: bool, issued: int, *, stamped: bool = True) -> None:
        self.counts = Counts()
        self.outside_not_ok = 0
        self.endings: NDArray[np.int8] = np.full(issued, NOT_ENDED, dtype=np.int8)
        """What each request ended as, by its number; one byte a request."""
        self.ended_twice = 0
        """Rows beyond the first of a request, and rows of requests that were never issued."""
        self.comparable = comparable and stamped
        """Whether executions are known by the driver's clock."""
        self.work_ns: tuple[int, int] | None = None
        """When the first execution of a good reply began, and when the last one ended."""
        self.published_ns = 0
        """When the last good reply's request had been published; 0 where none was."""
        self.backlog = np.zeros(BACKLOG_POINTS, dtype=np.int64)
        """Requests due and not yet answered, at evenly spaced moments of the window."""
        self.chain = LatencyChain(comparable=self.comparable, stamped=stamped)
        self._slices = Slices(opened_ns, closed_ns)
        self._first_starts = self._last_ends = np.empty(0, dtype=np.int64)
        self._opened, self._closed = opened_ns, closed_ns
        self._moments = np.linspace(opened_ns, closed_ns, BACKLOG_POINTS)
        self._completed = 0.0
        self._edges, self._batches = Edges(opened_ns, closed_ns), Batches(opened_ns, closed_ns)
        self._halves = [0.0, 0.0]

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return (self._closed - self._opened) / 1e9

    @property
    def throughput_per_s(self) -> float | None:
        """Good replies a second in the window; None if there were none.

        A request whose execution straddles an edge counts with the part of it that lies inside, so that requests
        which move in waves do not bend the rate by where the edges fall. Without common clocks, its whole time
        from start to end stands in for its execution.
        """
        return self._completed / self.seconds if self._completed and self.seconds > 0 else None

    @property
    def drift(self) -> float | None:
        """Throughput of the window's second half ÷ that of its first."""
        first, second = self._halves
        return second / first if first and second else None

    def add(self, rows: Rows) -> None:
        """Fold a chunk of rows in."""
        columns = np.ascontiguousarray(rows.T)  # each is read several times
        rows = columns.T
        measured = (rows[:, DUE] >= self._opened) & (rows[:, DUE] < self._closed)
        ok = rows[:, STATUS] == Status.OK
        self._reconcile(rows[:, NUMBER], rows[:, STATUS])
        self._queue(rows)
        self.counts.add(rows[measured, STATUS])
        self.outside_not_ok += int(np.count_nonzero(~measured & ~ok))
        good = np.compress(ok, columns, axis=1).T
        measured_good = np.compress(measured & ok, columns, axis=1).T
        begin, end = (EXEC_START, EXEC_END) if self.comparable else (START, DONE)
        self._complete(good[:, begin], good[:, end])
        self._work(measured_good[:, [begin, end]])
        self._edges.add(good, begin, end)
        self._batches.add(measured_good)
        self.published_ns = max(self.published_ns, int(good[:, PUBLISH_END].max(initial=0)))
        self.chain.add(measured_good)
        self._slices.add(good)

    def _reconcile(self, numbers: Rows, status: Rows) -> None:
        """Note what each request ended as."""
        known = (numbers >= 0) & (numbers < len(self.endings))
        numbers, status = numbers[known], status[known]
        self.ended_twice += len(known) - _distinct(numbers[self.endings[numbers] == NOT_ENDED])
        self.endings[numbers] = status

    def _queue(self, rows: Rows) -> None:
        """Count the backlog; lost requests never leave it."""
        self.backlog += self._by_moment(rows[:, DUE])
        self.backlog -= self._by_moment(rows[rows[:, STATUS] != Status.LOST, DONE])

    def _by_moment(self, stamps: Rows) -> NDArray[np.int64]:
        """How many of these stamps had passed at each of the moments."""
        first = np.searchsorted(self._moments, stamps, side="left")
        return np.cumsum(np.bincount(first, minlength=BACKLOG_POINTS + 1)[:BACKLOG_POINTS])

    def _complete(self, started: Rows, ended: Rows) -> None:
        """Good replies, whenever they were due, by the part of their time that lies in the window."""
        middle = (self._opened + self._closed) // 2
        halves = _inside(started, ended, self._opened, middle), _inside(started, ended, middle, self._closed)
        self._halves = [known + more for known, more in zip(self._halves, halves, strict=True)]
        self._completed += sum(halves)

    def _work(self, spans: Rows) -> None:
        if not len(spans):
            return
        first, last = int(spans[:, 0].min()), int(spans[:, 1].max())
        known = self.work_ns or (first, last)
        self.work_ns = min(first, known[0]), max(last, known[1])
        self._first_starts = _least(np.append(self._first_starts, spans[:, 0]))
        self._last_ends = -_least(-np.append(self._last_ends, spans[:, 1]))[::-1]

    def slot_gap_ms(self, slots: int) -> float | None:
        """For a backlog that `slots` slots worked off: the mean time between two executions of a slot.

        In it, the slot fetched, acknowledged, stored or waited; None if no slot executed twice.
        From first start to last end, each slot is either executing or in such a gap. So their sum is known from the
        starts and ends at both edges, whichever slot executed what.
        """
        executed = self.chain.count("execution")
        if not slots < executed or slots > EDGE:
            return None
        whole_ms = (float(self._last_ends[-slots:].sum()) - float(self._first_starts[:slots].sum())) / 1e6
        return max(0.0, (whole_ms - executed * self.mean_ms("execution")) / (executed - slots))

    def done_ms(self, part: float) -> float | None:
        """For requests all due at once: after how long that part of them had been answered well; None if never."""
        return self.chain.done_ms(part, self.counts.submitted)

    @property
    def error(self) -> float:
        """Standard error of the mean latency ÷ that mean, whichever of single replies and times shows more."""
        return max(self.chain.scatter / math.sqrt(max(1, self.counts.ok)), self._batches.error)

    @property
    def edges_ms(self) -> float:
        """By how much more of a good reply's mean latency lies beyond the window than others' took of it."""
        return self._edges.latency_ns / 1e6 / self.counts.ok if self.counts.ok else 0.0

    @property
    def waited(self) -> float:
        """By how many executions more its throughput holds of requests due before it than its latency does after it."""
        return self._edges.waited

    def latency(self, name: str) -> Latency | None:
        """`latency`, from the due time, or `uncorrected`, from the start; None if nothing was measured."""
        return self.chain.latency(name)

    def mean_ms(self, name: str) -> float:
        """The exact mean of the latency or of one of its stages."""
        return self.chain.mean_ms(name)

    def stages(self) -> Stages | None:
        """The latency chain; None if nothing was measured."""
        return self.chain.stages()

    def encoded(self) -> dict[str, str]:
        """The histograms that hold anything, as HdrHistogram's base64."""
        return self.chain.encoded()

    @property
    def longest_pause_s(self) -> float:
        """The longest time in the window between two good replies."""
        return self._slices.longest_pause_s()

    def timeline(self) -> Timeline | None:
        """The window in slices; None if no reply came in it."""
        return self._slices.timeline()


def _inside(started: Rows, ended: Rows, begin: int, end: int) -> float:
    """Spans that lie between two moments, those that straddle one counted by their part inside."""
    is_span = ended > started
    whole = is_span & (started >= begin) & (ended <= end)
    instants = ~is_span & (ended >= begin) & (ended < end)
    partly = is_span & ~whole & (ended > begin) & (started < end)
    started, ended = started[partly], ended[partly]
    parts = (np.minimum(ended, end) - np.maximum(started, begin)) / (ended - started)
    return float(np.count_nonzero(whole) + np.count_nonzero(instants)) + float(parts.sum())


def _distinct(numbers: Rows) -> int:
    """How many different ones there are; numbers of a chunk mostly lie close together."""
    if not len(numbers):
        return 0
    low, high = int(numbers.min()), int(numbers.max())
    if high - low > SPREAD_MOST * len(numbers):
        return len(np.unique(numbers))
    return int(np.count_nonzero(np.bincount(numbers - low)))


def _least(values: Rows) -> Rows:
    """The `EDGE` smallest, sorted."""
    return np.sort(np.partition(values, EDGE - 1)[:EDGE] if len(values) > EDGE else values)


def fold_spool(spool: Path, opened_ns: int, closed_ns: int, comparable: bool, issued: int) -> Fold:
    """Fold the whole spool of a trial's only driver."""
    return fold_spools([spool], opened_ns, closed_ns, comparable, [issued])


def fold_spools(
    spools: Sequence[Path],
    opened_ns: int,
    closed_ns: int,
    comparable: bool,
    issued: Sequence[int],
    stamped: bool = True,
) -> Fold:
    """Fold the spools of a trial's drivers, a chunk at a time, so that memory grows by no more than a byte a request.

    They share a clock, so that what they recorded together is exactly what a single one would have recorded.
    """
    fold = Fold(opened_ns, closed_ns, comparable, sum(issued), stamped=stamped)
    for spool in spools:
        for rows in chunks(spool):
            if len(issued) > 1:
                rows[:, NUMBER] = in_one_row(rows[:, NUMBER], issued)
            fold.add(rows)
    return fold
