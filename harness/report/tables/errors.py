"""What went wrong, by kind, with an example."""

from collections.abc import Iterable

from harness.report.table import Column, Row, Table
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.results.model import Cell, Trial, View

COLUMNS = (
    *IDENTITY_COLUMNS,
    Column("round", "round", digits=6, rank=6),
    Column("count", "requests", digits=9, rank=3, optional=True),
    Column("kind", "error", rank=2, wraps=True),
    Column("example", "for example", rank=4, wraps=True),
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row per round and kind of error."""
    rows = [row for group in gathered for cell in group for row in _rows(cell)]
    if rows:
        yield Table(
            key="errors",
            title="What went wrong",
            about="errors by kind, each with the first one's text",
            columns=COLUMNS,
            rows=rows,
            notes=[],
        )


def _rows(cell: Cell) -> Iterable[Row]:
    for trial in cell.counted:
        for failure in trial.failures:
            yield _row(cell, trial, failure.count, failure.kind, failure.example)
        if trial.error is not None:
            yield _row(cell, trial, None, trial.status, trial.error)


def _row(cell: Cell, trial: Trial, count: int | None, kind: str, example: str) -> Row:
    return Row({**identity(cell), "round": trial.round, "count": count, "kind": kind, "example": example}, cell.side)
