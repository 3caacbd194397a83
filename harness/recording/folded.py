"""What the rows of a trial amount to: sums, counts and histograms, which those of several drivers add up to exactly."""

import math
from collections.abc import Sequence
from copy import copy

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.recording.batches import Batches
from harness.recording.edges import Edges
from harness.recording.endings import Endings, in_one_row
from harness.recording.fold_terms import WHOLE, FoldTerms
from harness.recording.latency_chain import LatencyChain
from harness.recording.rows import Rows
from harness.recording.spool import Status
from harness.recording.timeline import Slices
from harness.results.model import Latency, Stages, Timeline

BACKLOG_POINTS = 41


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
        self.merge(Counts(len(status), *ended[: len(Status)].tolist()))

    def merge(self, other: "Counts") -> None:
        """Count all that the other one counts."""
        for name in Counts.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Folded:
    """Of one driver, or of all drivers of a trial; `harness.recording.fold` adds rows to it."""

    def __init__(self, terms: FoldTerms) -> None:
        self.terms = terms
        self.counts = Counts()
        self.outside_not_ok = 0
        self.endings = Endings.of(np.empty(0, np.int8))
        """What each request ended as, by its number."""
        self.ended_twice = 0
        """Rows beyond the first of a request, and rows of requests that were never issued."""
        self.work_ns: tuple[int, int] | None = None
        """When the first execution of a good reply began, and when the last one ended."""
        self.published_ns = 0
        """When the last good reply's request had been published; 0 where none was."""
        self.backlog = np.zeros(BACKLOG_POINTS, dtype=np.int64)
        """Requests due and not yet answered, at evenly spaced moments of the window."""
        self.chain = LatencyChain(terms)
        self.slices = Slices(terms)
        self.first_starts = np.empty(0, dtype=np.int64)
        self.last_ends = np.empty(0, dtype=np.int64)
        """Of executions, each ascending; as many as the terms say."""
        self.halves = [0, 0]
        """Good replies in each half of the window, by their parts of `WHOLE`."""
        self.executing_ns = 0
        """How long executions of good replies took within the window, added up; 0 where their stamps are not known."""
        self.edges, self.batches = Edges(terms), Batches(terms)

    @property
    def comparable(self) -> bool:
        """Whether executions are known by the driver's clock."""
        return self.terms.executions_known

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return self.terms.length_ns / 1e9

    @property
    def throughput_per_s(self) -> float | None:
        """Good replies a second in the window; None if there were none.

        A request whose execution straddles an edge counts with the part of it that lies inside, so that requests
        which move in waves do not bend the rate by where the edges fall. Without common clocks, its whole time
        from start to end stands in for its execution.
        """
        completed = sum(self.halves)
        return completed / WHOLE / self.seconds if completed and self.seconds > 0 else None

    @property
    def drift(self) -> float | None:
        """Throughput of the window's second half ÷ that of its first."""
        first, second = self.halves
        return second / first if first and second else None

    def slot_gap_ms(self, slots: int) -> float | None:
        """For a backlog that `slots` slots worked off: the mean time between two executions of a slot.

        In it, the slot fetched, acknowledged, stored or waited; None if no slot executed twice.
        From first start to last end, each slot is either executing or in such a gap. So their sum is known from the
        starts and ends at both edges, whichever slot executed what.
        """
        executed = self.chain.count("execution")
        if not slots < executed or slots > self.terms.edge:
            return None
        whole_ms = (float(self.last_ends[-slots:].sum()) - float(self.first_starts[:slots].sum())) / 1e6
        return max(0.0, (whole_ms - executed * self.mean_ms("execution")) / (executed - slots))

    def done_ms(self, part: float) -> float | None:
        """For requests all due at once: after how long that part of them had been answered well; None if never."""
        return self.chain.done_ms(part, self.counts.submitted)

    @property
    def error(self) -> float:
        """Standard error of the mean latency ÷ that mean, whichever of single replies and times shows more."""
        return max(self.chain.scatter / math.sqrt(max(1, self.counts.ok)), self.batches.error)

    @property
    def edges_ms(self) -> float:
        """By how much more of a good reply's mean latency lies beyond the window than others' took of it."""
        return self.edges.latency_ns / 1e6 / self.counts.ok if self.counts.ok else 0.0

    @property
    def waited(self) -> float:
        """By how many executions more its throughput holds of requests due before it than its latency does after it."""
        return self.edges.waited / WHOLE

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
        return self.slices.longest_pause_s()

    def timeline(self) -> Timeline | None:
        """The window in slices; None if no reply came in it."""
        return self.slices.timeline()

    def worked(self, first_ns: int, last_ns: int) -> None:
        """Executions of good replies began at the first of these moments, and ended at the last."""
        known = self.work_ns or (first_ns, last_ns)
        self.work_ns = min(first_ns, known[0]), max(last_ns, known[1])

    def started_and_ended(self, starts: Rows, ends: Rows) -> None:
        """Keep the first of these starts and the last of these ends."""
        edge = self.terms.edge
        self.first_starts = _least(np.append(self.first_starts, starts), edge)
        self.last_ends = -_least(-np.append(self.last_ends, ends), edge)[::-1]

    def moved(self, by_ns: int) -> "Folded":
        """The same by a clock that is ahead by so much."""
        moved = copy(self)
        moved.terms = self.terms.moved(by_ns)
        moved.work_ns = self.work_ns and (self.work_ns[0] + by_ns, self.work_ns[1] + by_ns)
        moved.published_ns = self.published_ns and self.published_ns + by_ns
        moved.first_starts, moved.last_ends = self.first_starts + by_ns, self.last_ends + by_ns
        return moved

    def merge(self, other: "Folded") -> None:
        """Take in all that the other one holds but its endings; both are by one clock."""
        self.counts.merge(other.counts)
        self.outside_not_ok += other.outside_not_ok
        self.ended_twice += other.ended_twice
        self.published_ns = max(self.published_ns, other.published_ns)
        self.backlog += other.backlog
        self.halves = [mine + theirs for mine, theirs in zip(self.halves, other.halves, strict=True)]
        self.executing_ns += other.executing_ns
        self.chain.merge(other.chain)
        self.slices.merge(other.slices)
        self.edges.merge(other.edges)
        self.batches.merge(other.batches)
        self.started_and_ended(other.first_starts, other.last_ends)
        if other.work_ns is not None:
            self.worked(*other.work_ns)


def together(parts: Sequence[Folded]) -> Folded:
    """Exactly what a single driver would have recorded; requests of the second follow those of the first."""
    if len(parts) == 1:
        return parts[0]
    whole = Folded(parts[0].terms)
    for part in parts:
        whole.merge(part)
    whole.endings = in_one_row([part.endings for part in parts])
    return whole


def _least(values: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """So many of the smallest, sorted."""
    return np.sort(np.partition(values, number - 1)[:number] if len(values) > number > 0 else values)[:number]
