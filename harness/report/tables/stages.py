"""The latency chain: where the time of a request goes."""

from collections.abc import Iterable

from harness.report.table import Column, Row, Table, filled
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.results.model import Cell, Summary, View

STAGES = {
    "driver_lag": "driver lag",
    "publish": "publish",
    "queue_wait": "queue wait",
    "transport": "transport",
    "execution": "execution",
    "return": "return",
}
"""In the order of a request; the key in the document, and the name."""
COLUMNS = (
    *IDENTITY_COLUMNS,
    *(Column(key, title, "ms", 3, decimals=3, optional=True) for key, title in STAGES.items()),
    Column("mean", "mean latency", "ms", 3, decimals=3),
    Column("floor", "no-op alone", "ms", 3, decimals=3, optional=True),
    Column("overhead", "slot overhead", "ms", 3, decimals=3, optional=True),
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row per cell that was measured."""
    rows = [_row(cell, cell.summary) for group in gathered for cell in group if cell.summary]
    if rows:
        yield Table(
            key="stages",
            title="Where the time goes",
            about="mean of each stage of a request, from due to done",
            columns=filled(COLUMNS, rows),
            rows=rows,
            notes=[],
            detail=True,
        )


def _row(cell: Cell, summary: Summary) -> Row:
    return Row(
        {
            **identity(cell),
            **summary.stages_ms,
            "mean": summary.latency_ms.mean,
            "floor": summary.floor_ms,
            "overhead": summary.slot_overhead_ms,
        },
        cell.side,
    )
