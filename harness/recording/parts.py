"""What became of each kind of job in a trial, from its spools: of a workload that says which kind a request is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.recording.hdr import Histogram
from harness.recording.histograms import percentile_ms
from harness.recording.rows import DONE, DUE, NUMBER, START, STATUS, Rows, chunks
from harness.recording.spool import Status
from workloads.workload import PartFigures, Spread, Workload


def has_parts(workload: Workload[Any]) -> bool:
    """Whether it says which kind a request is."""
    return type(workload).part is not Workload.part


def parts_of(spools: Sequence[Path], opened_ns: int, closed_ns: int, workload: Workload[Any]) -> dict[str, PartFigures]:
    """Kind of job → what became of its requests that were due in the window; empty where all are of one kind."""
    if not has_parts(workload):
        return {}
    seen: dict[str, _Seen] = {}
    for spool in spools:
        for rows in chunks(spool):
            due = rows[:, DUE]
            good = rows[(due >= opened_ns) & (due < closed_ns) & (rows[:, STATUS] == Status.OK)]
            _add(seen, good, workload)
    return {name: part.figures() for name, part in sorted(seen.items())}


def _add(seen: "dict[str, _Seen]", rows: Rows, workload: Workload[Any]) -> None:
    parts = [workload.part(number) for number in rows[:, NUMBER].tolist()]
    names = np.array([part.name if part is not None else "" for part in parts], dtype=object)
    alone_ns = np.array([round(part.alone_s * 1e9) if part is not None else 0 for part in parts], dtype=np.int64)
    for name in dict.fromkeys(names.tolist()):
        chosen = names == name
        seen.setdefault(name, _Seen()).add(rows[chosen], alone_ns[chosen])


class _Times:
    """Durations of one kind of job; their memory does not grow with the number of them."""

    def __init__(self) -> None:
        self._histogram = Histogram()
        self._total_ns, self._least_ns, self._most_ns = 0, 2**62, 0

    def add(self, times_ns: Rows) -> None:
        """Fold some of them in, at least one."""
        self._histogram.record_all(times_ns // 1000)
        self._total_ns += int(times_ns.sum())
        self._least_ns = min(self._least_ns, int(times_ns.min()))
        self._most_ns = max(self._most_ns, int(times_ns.max()))

    def spread(self) -> Spread:
        """Of all of them: no percentile is beyond the longest."""
        within = self._least_ns / 1e6, self._most_ns / 1e6
        mean_ms = self._total_ns / 1e6 / self._histogram.total
        return Spread(mean_ms, *(percentile_ms(self._histogram, percent, within) for percent in (50, 99)))


class _Seen:
    """One kind of job."""

    def __init__(self) -> None:
        self._count = 0
        self._latency, self._alone = _Times(), _Times()
        self._shortfall_ns = -(2**62)

    def add(self, rows: Rows, alone_ns: Rows) -> None:
        """Fold some of them in."""
        took_ns = rows[:, DONE] - rows[:, START]
        self._count += len(rows)
        self._latency.add(rows[:, DONE] - rows[:, DUE])
        self._alone.add(alone_ns)
        self._shortfall_ns = max(self._shortfall_ns, int((alone_ns - took_ns).max()))

    def figures(self) -> PartFigures:
        """Of all of them."""
        return PartFigures(
            jobs=self._count,
            latency_ms=self._latency.spread(),
            alone_ms=self._alone.spread(),
            shortfall_ms=self._shortfall_ns / 1e6,
        )
