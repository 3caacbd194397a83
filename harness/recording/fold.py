"""Folds a trial's spool of stamps into counts, throughput, backlog, histograms and the latency chain."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from hdrh.histogram import HdrHistogram
from numpy.typing import NDArray

from harness.recording.request_numbers import in_one_row
from harness.recording.spool import COLUMNS, Status
from harness.results.model import Latency, Stage, Stages, Timeline
from harness.statistics.intervals import percentile_is_known

LOWEST_US, HIGHEST_US, DIGITS = 1, 3_600_000_000, 3
CHUNK_ROWS = 1 << 15
"""Small enough to stay in the caches, and so that what is sorted of it takes little memory."""
NUMBER, DUE, START, PUBLISH_END, EXEC_START, EXEC_END, DONE, STATUS = range(len(COLUMNS))
STAGES = ("driver_lag", "publish", "queue_wait", "execution", "return")
TRANSPORT = "transport"
BACKLOG_POINTS = 41
SLICES = 20
"""Of the window, for its timeline: so few that waves of requests do not show as teeth."""
NOT_ENDED = -1
EDGE = 4096
"""Slots up to which their gaps can be told."""

Rows = NDArray[np.int64]


class Counts(msgspec.Struct):
    """What the requests due within the window ended as."""

    submitted: int = 0
    ok: int = 0
    wrong: int = 0
    failed: int = 0
    lost: int = 0


class Fold:
    """What the rows of a trial that issued `issued` requests amount to, within the window [opened_ns, closed_ns).

    `stamped`: whether the stamps of execution are those of all that a request executes.
    """

    def __init__(self, opened_ns: int, closed_ns: int, comparable: bool, issued: int, *, stamped: bool = True) -> None:
        self.counts = Counts()
        self.outside_not_ok = 0
        self.endings = np.full(issued, NOT_ENDED, dtype=np.int8)
        """What each request ended as, by its number; one byte a request."""
        self.ended_twice = 0
        """Rows beyond the first of a request, and rows of requests that were never issued."""
        self.comparable = comparable and stamped
        """Whether executions are known by the driver's clock."""
        self._stamped = stamped
        self.work_ns: tuple[int, int] | None = None
        """When the first execution of a good reply began, and when the last one ended."""
        self.published_ns = 0
        """When the last good reply's request had been published; 0 where nothing is."""
        self._first_starts = self._last_ends = np.empty(0, dtype=np.int64)
        self.backlog = np.zeros(BACKLOG_POINTS, dtype=np.int64)
        """Requests due and not yet answered, at evenly spaced moments of the window."""
        self.histograms = {name: new_histogram() for name in ("latency", "uncorrected", *STAGES, TRANSPORT)}
        self._opened, self._closed = opened_ns, closed_ns
        self._moments = np.linspace(opened_ns, closed_ns, BACKLOG_POINTS)
        self._slice_ok = np.zeros(SLICES, dtype=np.int64)
        self._slice_sum_ns = np.zeros(SLICES, dtype=np.int64)
        self._slice_max_ns = np.zeros(SLICES, dtype=np.int64)
        self._completed = 0.0
        self._halves = [0.0, 0.0]
        self._sums_ns = dict.fromkeys(self.histograms, 0)
        self._extremes_ns: dict[str, tuple[int, int]] = {}

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return (self._closed - self._opened) / 1e9

    @property
    def throughput_per_s(self) -> float | None:
        """Good replies a second in the window; None where there were none.

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
        measured = (rows[:, DUE] >= self._opened) & (rows[:, DUE] < self._closed)
        status = rows[:, STATUS]
        self._reconcile(rows[:, NUMBER], status)
        self._queue(rows)
        self.outside_not_ok += int(np.count_nonzero(~measured & (status != Status.OK)))
        ended = np.bincount(status[measured], minlength=len(Status))
        counts = self.counts
        counts.submitted += int(ended.sum())
        counts.ok += int(ended[Status.OK])
        counts.wrong += int(ended[Status.WRONG])
        counts.failed += int(ended[Status.FAILED])
        counts.lost += int(ended[Status.LOST])
        good = rows[status == Status.OK]
        middle = (self._opened + self._closed) // 2
        begin, end = (EXEC_START, EXEC_END) if self.comparable else (START, DONE)
        spans = good[:, begin], good[:, end]
        self._work(rows[measured & (status == Status.OK)][:, [begin, end]])
        self.published_ns = max(self.published_ns, int(good[:, PUBLISH_END].max(initial=0)))
        self._completed += _inside(*spans, self._opened, self._closed)
        self._halves[0] += _inside(*spans, self._opened, middle)
        self._halves[1] += _inside(*spans, middle, self._closed)
        self._stamp(rows[measured & (status == Status.OK)])
        self._slice(good)

    def _reconcile(self, numbers: Rows, status: Rows) -> None:
        """Note what each request ended as."""
        known = (numbers >= 0) & (numbers < len(self.endings))
        numbers, status = numbers[known], status[known]
        fresh = int(np.count_nonzero(self.endings[np.unique(numbers)] == NOT_ENDED))
        self.ended_twice += len(known) - fresh
        self.endings[numbers] = status

    def _queue(self, rows: Rows) -> None:
        """What is lost never leaves the queue."""
        answered = rows[rows[:, STATUS] != Status.LOST]
        self.backlog += np.searchsorted(np.sort(rows[:, DUE]), self._moments, side="right")
        self.backlog -= np.searchsorted(np.sort(answered[:, DONE]), self._moments, side="right")

    def _work(self, spans: Rows) -> None:
        if not len(spans):
            return
        first, last = int(spans[:, 0].min()), int(spans[:, 1].max())
        known = self.work_ns or (first, last)
        self.work_ns = min(first, known[0]), max(last, known[1])
        self._first_starts = np.sort(np.append(self._first_starts, spans[:, 0]))[:EDGE]
        self._last_ends = np.sort(np.append(self._last_ends, spans[:, 1]))[-EDGE:]

    def _slice(self, good: Rows) -> None:
        """Whenever they were due: what came within the window."""
        came = good[(good[:, DONE] >= self._opened) & (good[:, DONE] < self._closed)]
        index = (came[:, DONE] - self._opened) * SLICES // max(1, self._closed - self._opened)
        latency_ns = came[:, DONE] - came[:, DUE]
        np.add.at(self._slice_ok, index, 1)
        np.add.at(self._slice_sum_ns, index, latency_ns)
        np.maximum.at(self._slice_max_ns, index, latency_ns)

    def timeline(self) -> Timeline | None:
        """The window in slices; None where nothing came in it."""
        if not self._slice_ok.any():
            return None
        counts = self._slice_ok.tolist()
        return Timeline(
            slice_s=self.seconds / SLICES,
            ok=counts,
            mean_ms=[
                round(ns / n / 1e6, 3) if n else None for ns, n in zip(self._slice_sum_ns.tolist(), counts, strict=True)
            ],
            max_ms=[
                round(ns / 1e6, 3) if n else None for ns, n in zip(self._slice_max_ns.tolist(), counts, strict=True)
            ],
        )

    def _stamp(self, rows: Rows) -> None:
        if not len(rows):
            return
        self._record("latency", rows[:, DONE] - rows[:, DUE])
        self._record("uncorrected", rows[:, DONE] - rows[:, START])
        if not self.comparable:
            # The worker gives a duration at most; what is left between publishing and the reply is transport.
            lag_ns, publish_ns, rest_ns = self._split(rows, (DUE, START, PUBLISH_END))
            self._record("driver_lag", lag_ns)
            self._record("publish", publish_ns)
            if self._stamped:
                execution_ns = np.clip(rows[:, EXEC_END] - rows[:, EXEC_START], 0, rest_ns)
                self._record("execution", execution_ns)
                rest_ns = rest_ns - execution_ns
            self._record(TRANSPORT, rest_ns)
            return
        for name, durations_ns in zip(
            STAGES, self._split(rows, (DUE, START, PUBLISH_END, EXEC_START, EXEC_END)), strict=True
        ):
            self._record(name, durations_ns)

    @staticmethod
    def _split(rows: Rows, stamps: tuple[int, ...]) -> list[Rows]:
        """Time from each stamp to the next, and from the last to the end."""
        # Each stamp is at least the one before it: execution may begin before publishing has returned, and
        # that overlap counts to publishing. So the stages add up to the latency, exactly.
        edges = np.maximum.accumulate(rows[:, stamps], axis=1)
        edges = np.minimum(np.column_stack([edges, rows[:, DONE]]), rows[:, [DONE]])
        return [edges[:, index + 1] - edges[:, index] for index in range(len(stamps))]

    def _record(self, name: str, durations_ns: Rows) -> None:
        self._sums_ns[name] += int(durations_ns.sum())
        low, high = int(durations_ns.min()), int(durations_ns.max())
        if name in self._extremes_ns:
            low, high = min(low, self._extremes_ns[name][0]), max(high, self._extremes_ns[name][1])
        self._extremes_ns[name] = low, high
        values, counts = np.unique(np.clip((durations_ns + 500) // 1000, 0, HIGHEST_US), return_counts=True)
        record = self.histograms[name].record_value
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            record(value, count)

    def latency(self, name: str) -> Latency | None:
        """The summary of one histogram, with its exact mean and extremes."""
        histogram = self.histograms[name]
        if not histogram.get_total_count():
            return None
        low, high = self._extremes_ns[name]
        return summarise(histogram, self.mean_ms(name), low / 1e6, high / 1e6)

    def mean_ms(self, name: str) -> float:
        """The exact mean, from the stamps themselves."""
        return self._sums_ns[name] / 1e6 / max(1, int(self.histograms[name].get_total_count()))

    def done_ms(self, part: float) -> float | None:
        """For requests all due at once: after how long that part of them had been answered well; None where never."""
        needed = math.ceil(part * self.counts.submitted)
        if not needed or self.counts.ok < needed:
            return None
        if needed == self.counts.ok:
            return self._extremes_ns["latency"][1] / 1e6
        return float(self.histograms["latency"].get_value_at_percentile(100 * needed / self.counts.ok)) / 1000

    def slot_gap_ms(self, slots: int) -> float | None:
        """For a backlog that `slots` slots worked off: the mean time between two executions of a slot.

        In it, the slot fetched, acknowledged, stored or waited; None where no slot executed twice.
        From first start to last end, each slot is either executing or in such a gap. So their sum is known from the
        starts and ends at both edges, whichever slot executed what.
        """
        executed = int(self.histograms["execution"].get_total_count())
        if not slots < executed or slots > EDGE:
            return None
        whole_ms = (float(self._last_ends[-slots:].sum()) - float(self._first_starts[:slots].sum())) / 1e6
        return max(0.0, (whole_ms - executed * self.mean_ms("execution")) / (executed - slots))

    def stages(self) -> Stages | None:
        """The latency chain; None where nothing was measured."""
        if not self.counts.ok:
            return None
        names = [name for name in (*STAGES, TRANSPORT) if self.histograms[name].get_total_count()]
        parts = {
            name: Stage(
                mean=self.mean_ms(name),
                p50=percentile_ms(self.histograms[name], 50),
                p99=percentile_ms(self.histograms[name], 99),
            )
            for name in names
        }
        return Stages(return_=parts.pop("return", None), **parts)

    def encoded(self) -> dict[str, str]:
        """The histograms that hold anything, as HdrHistogram's base64."""
        return {
            name: histogram.encode().decode()
            for name, histogram in self.histograms.items()
            if histogram.get_total_count()
        }


def _inside(started: Rows, ended: Rows, begin: int, end: int) -> float:
    """Spans that lie between two moments, those that straddle one counted by their part inside."""
    part = np.minimum(ended, end) - np.maximum(started, begin)
    length = ended - started
    instant = length <= 0
    whole = np.count_nonzero(instant & (ended >= begin) & (ended < end))
    return float(np.sum(np.clip(part, 0, None) / np.where(instant, 1, length), where=~instant)) + float(whole)


def new_histogram() -> HdrHistogram:
    """1 µs to 1 h, three significant digits: the same everywhere, so that histograms merge exactly."""
    return HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)


def summarise(histogram: HdrHistogram, mean_ms: float, min_ms: float, max_ms: float) -> Latency:
    """A histogram's figures in ms; a percentile with too few samples beyond it is None."""
    return Latency(
        min=min_ms,
        mean=mean_ms,
        p50=percentile_ms(histogram, 50),
        p90=percentile_ms(histogram, 90),
        p99=percentile_ms(histogram, 99),
        p999=percentile_ms(histogram, 99.9),
        max=max_ms,
    )


def percentile_ms(histogram: HdrHistogram, percent: float) -> float | None:
    """A percentile in ms; None where fewer than 10 samples lie beyond it."""
    if not percentile_is_known(histogram.get_total_count(), percent):
        return None
    return float(histogram.get_value_at_percentile(percent)) / 1000


def percentiles_ms(histogram: HdrHistogram, percents: Sequence[float]) -> dict[float, float]:
    """Those of the percentiles, in ms, beyond which enough samples lie; in one pass, because a pass costs ms."""
    known = [percent for percent in percents if percentile_is_known(histogram.get_total_count(), percent)]
    return {percent: value / 1000 for percent, value in histogram.get_percentile_to_value_dict(known).items()}


def merge(encoded: list[str]) -> HdrHistogram:
    """One histogram of all that the given ones hold: exactly what a single one would have recorded."""
    merged = new_histogram()
    for text in encoded:
        merged.add(HdrHistogram.decode(text))
    return merged


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
        for rows in _chunks(spool):
            if len(issued) > 1:
                rows[:, NUMBER] = in_one_row(rows[:, NUMBER], issued)
            fold.add(rows)
    return fold


def keep_rows(spool: Path, target: Path) -> None:
    """Write a whole spool as a NumPy array (requests × `COLUMNS`, int64), a chunk at a time."""
    width = len(COLUMNS)
    whole = np.lib.format.open_memmap(
        target, mode="w+", dtype=np.int64, shape=(spool.stat().st_size // (8 * width), width)
    )
    begin = 0
    for rows in _chunks(spool):
        whole[begin : begin + len(rows)] = rows
        begin += len(rows)
    whole.flush()


def _chunks(spool: Path) -> Iterator[Rows]:
    width = len(COLUMNS)
    with spool.open("rb") as file:
        while len(flat := np.fromfile(file, dtype=np.int64, count=CHUNK_ROWS * width)):
            yield flat[: len(flat) // width * width].reshape(-1, width)
