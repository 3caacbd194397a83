"""Folds a trial's spool of stamps into what its figures are made from: counts, throughput, backlog, latency."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.recording.endings import NOT_ENDED, Endings
from harness.recording.fold_terms import WHOLE, FoldTerms
from harness.recording.folded import BACKLOG_POINTS, Folded
from harness.recording.request_numbers import first_number
from harness.recording.rows import (
    DONE,
    DUE,
    EXEC_END,
    EXEC_START,
    NUMBER,
    PUBLISH_END,
    START,
    STATUS,
    Rows,
    ascends,
    chunks,
)
from harness.recording.spool import Status


class Fold:
    """Takes the rows of one driver of a trial, which issued `issued` requests, numbered from 0."""

    def __init__(self, terms: FoldTerms, issued: int) -> None:
        self._known = Folded(terms)
        self._terms = terms
        self._endings: NDArray[np.int8] = np.full(issued, NOT_ENDED, dtype=np.int8)
        """One byte a request."""
        self._moments = terms.opened_ns + terms.length_ns * np.arange(BACKLOG_POINTS) // (BACKLOG_POINTS - 1)
        closed_ns = max(terms.opened_ns, terms.closed_ns)
        self._edges = terms.opened_ns, (terms.opened_ns + closed_ns) // 2, closed_ns

    def folded(self) -> Folded:
        """What all rows so far amount to."""
        self._known.endings = Endings.of(self._endings)
        return self._known

    def add(self, rows: Rows) -> None:
        """Fold a chunk of rows in."""
        if not len(rows):
            return
        known, columns = self._known, np.ascontiguousarray(rows.T)  # each is read several times
        self._reconcile(columns[NUMBER], columns[STATUS])
        self._queue(columns)
        measured = self._due_inside(columns)
        known.counts.add(measured[STATUS])
        good, measured_good = _good(columns), _good(measured)
        outside, outside_good = (
            whole.shape[1] - part.shape[1] for whole, part in ((columns, measured), (good, measured_good))
        )
        known.outside_not_ok += outside - outside_good
        if not good.shape[1]:
            return
        known.published_ns = max(known.published_ns, int(good[PUBLISH_END].max()))
        begin, end = (EXEC_START, EXEC_END) if self._terms.executions_known else (START, DONE)
        self._complete(good[begin], good[end])
        known.edges.add(good, begin, end)
        if measured_good.shape[1]:
            self._work(measured_good[begin], measured_good[end])
            known.chain.add(measured_good)
            known.batches.add(measured_good)
        known.slices.add(good)

    def _due_inside(self, columns: Rows) -> Rows:
        """Those that were due in the window."""
        due = columns[DUE]
        return _where(columns, (due >= self._terms.opened_ns) & (due < self._terms.closed_ns))

    def _reconcile(self, numbers: Rows, status: Rows) -> None:
        """Note what each request ended as."""
        rows, issued = len(numbers), len(self._endings)
        low, high = int(numbers.min()), int(numbers.max())
        if low < 0 or high >= issued:
            is_known = (numbers >= 0) & (numbers < issued)
            numbers, status = numbers[is_known], status[is_known]
            low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, -1)
        among = self._endings[low : high + 1]
        before = np.count_nonzero(among != NOT_ENDED)
        self._endings[numbers] = status
        self._known.ended_twice += rows - int(np.count_nonzero(among != NOT_ENDED) - before)

    def _queue(self, columns: Rows) -> None:
        """Count the backlog; lost requests never leave it."""
        answered = columns[STATUS] != Status.LOST
        done = columns[DONE] if answered.all() else columns[DONE][answered]
        self._known.backlog += self._by_moment(columns[DUE]) - self._by_moment(done)

    def _by_moment(self, stamps: Rows) -> NDArray[np.int64]:
        """How many of these stamps had passed at each of the moments."""
        return np.searchsorted(stamps if ascends(stamps) else np.sort(stamps), self._moments, side="right")

    def _complete(self, started: Rows, ended: Rows) -> None:
        """Good replies, whenever they were due, by the part of their time that lies in the window."""
        low, high = min(int(started.min()), int(ended.min())), int(ended.max())
        opened, middle, closed = (_done_by(edge, started, ended, low, high) for edge in self._edges)
        self._known.halves[0] += middle - opened
        self._known.halves[1] += closed - middle
        if self._terms.executions_known:
            first_ns, _, last_ns = self._edges
            self._known.executing_ns += int(
                np.maximum(0, np.minimum(ended, last_ns) - np.maximum(started, first_ns)).sum()
            )

    def _work(self, started: Rows, ended: Rows) -> None:
        self._known.worked(int(started.min()), int(ended.max()))
        if self._terms.edge:
            self._known.started_and_ended(started, ended)


def _where(columns: Rows, wanted: NDArray[np.bool_]) -> Rows:
    """Those requests; mostly, all are wanted."""
    return columns if wanted.all() else np.compress(wanted, columns, axis=1)


def _good(columns: Rows) -> Rows:
    return _where(columns, columns[STATUS] == Status.OK)


def _done_by(edge: int, started: Rows, ended: Rows, low: int, high: int) -> int:
    """How much of these spans had been done by that moment, in parts of `WHOLE`; `low` and `high` are their extremes.

    What takes no time is done once its moment has passed.
    """
    if high < edge:
        return len(ended) * WHOLE
    if low >= edge:
        return 0
    is_whole = np.where(ended > started, ended <= edge, ended < edge)
    partly = (started < edge) & (ended > edge)
    started, ended = started[partly], ended[partly]
    parts = np.rint((edge - started) / (ended - started) * WHOLE).astype(np.int64)
    return int(np.count_nonzero(is_whole)) * WHOLE + int(parts.sum())


def fold_spool(spool: Path, terms: FoldTerms, issued: int, driver: int = 0) -> Folded:
    """Fold the spool of that driver of a trial, a chunk at a time: memory grows by no more than a byte a request."""
    fold = Fold(terms, issued)
    for rows in chunks(spool):
        rows[:, NUMBER] -= first_number(driver)
        fold.add(rows)
    return fold.folded()
