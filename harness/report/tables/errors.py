"""What went wrong, by kind, with an example."""

from collections.abc import Iterable

from harness.report.table import Column, Row, Table, Value
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.results.model import Cell, View
from harness.results.text import in_a_line

COLUMNS = (
    *IDENTITY_COLUMNS,
    Column("round", "rounds", rank=6, wraps=True),
    Column("count", "requests", digits=9, rank=3, optional=True),
    Column("kind", "error", rank=2, wraps=True),
    Column("example", "for example", rank=4, wraps=True),
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row per kind of error and its first text, with the rounds in which it came."""
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
    alike: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    for trial in cell.counted:
        for failure in trial.failures:
            alike.setdefault((failure.kind, failure.example), []).append((trial.round, failure.count))
        if trial.error is not None:
            alike.setdefault((trial.status, trial.error), []).append((trial.round, None))
    for (kind, example), found in alike.items():
        counts = [count for _, count in found if count is not None]
        values: dict[str, Value] = {
            "round": _in_short(sorted({round_number for round_number, _ in found})),
            "count": sum(counts) if counts else None,
            "kind": kind,
            "example": in_a_line(example),
        }
        yield Row({**identity(cell), **values}, cell.side)


def _in_short(rounds: list[int]) -> str:
    """`1–5`, or `1, 3, 4`."""
    first, last = rounds[0], rounds[-1]
    if len(rounds) > 1 and last - first == len(rounds) - 1:
        return f"{first}–{last}"
    return ", ".join(map(str, rounds))
