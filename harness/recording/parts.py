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


class _Seen:
    """One kind of job; its memory does not grow with the number of them."""

    def __init__(self) -> None:
        self._count = 0
        self._latency_ns = self._alone_ns = 0
        self._latencies, self._alone = Histogram(), Histogram()
        self._shortfall_ns = -(2**62)

    def add(self, rows: Rows, alone_ns: Rows) -> None:
        """Fold some of them in."""
        latency_ns, took_ns = rows[:, DONE] - rows[:, DUE], rows[:, DONE] - rows[:, START]
        self._count += len(rows)
        self._latency_ns += int(latency_ns.sum())
        self._alone_ns += int(alone_ns.sum())
        self._latencies.record_all(latency_ns // 1000)
        self._alone.record_all(alone_ns // 1000)
        self._shortfall_ns = max(self._shortfall_ns, int((alone_ns - took_ns).max()))

    def figures(self) -> PartFigures:
        """Of all of them."""
        return PartFigures(
            jobs=self._count,
            latency_ms=self._spread(self._latencies, self._latency_ns),
            alone_ms=self._spread(self._alone, self._alone_ns),
            shortfall_ms=self._shortfall_ns / 1e6,
        )

    def _spread(self, histogram: Histogram, total_ns: int) -> Spread:
        mean_ms = total_ns / 1e6 / self._count
        return Spread(mean_ms, percentile_ms(histogram, 50), percentile_ms(histogram, 99))
