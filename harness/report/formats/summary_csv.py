"""summary-csv: one row per cell, its figures with the ends of their intervals: for a table or a chart of one's own."""

from collections.abc import Iterator
from typing import Any

from harness.report.formats.csv import identity, written
from harness.report.formats.format import Format
from harness.results.model import Cell, Results
from harness.statistics.metrics import METRICS
from harness.statistics.units import unit_suffix


class SummaryCsv(Format):
    """Unknown values are empty; `low` and `high` are the ends of a 95 % interval."""

    summary = "one row per cell, with intervals"

    def render(self, results: Results) -> str:
        """RFC 4180, with a line of headings."""
        return written(list(_rows(results)))


def _rows(results: Results) -> Iterator[dict[str, Any]]:
    for cell in results.cells:
        yield {"run": results.run.id, "started": results.run.started} | identity(cell) | _figures(cell)


def _figures(cell: Cell) -> dict[str, Any]:
    summary = cell.summary
    columns: dict[str, Any] = {"status": cell.status, "trials": len(cell.counted)}
    if summary is None:
        return columns
    for metric in METRICS:
        stem, unit = metric.key.removesuffix(unit_suffix(metric.key)), unit_suffix(metric.key)
        low, high = metric.interval(summary) or (None, None)
        columns |= {metric.key: metric.in_summary(summary), f"{stem}_low{unit}": low, f"{stem}_high{unit}": high}
    return columns | {
        "percent_of_ceiling": summary.percent_of_ceiling,
        "floor_ms": summary.floor_ms,
        "slot_overhead_ms": summary.slot_overhead_ms,
        "limited_by": summary.bottleneck,
        "doubts": "; ".join(doubt.kind for doubt in summary.doubts),
    }


FORMAT = SummaryCsv()
