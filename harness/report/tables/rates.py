"""The highest rates that hold a limit, where they were searched."""

from collections.abc import Iterable

from harness.report.table import Column, Note, Row, Table, interval_text
from harness.results.model import Cell, HighestRate, View
from harness.statistics import resource_doubts
from harness.statistics.metrics import THROUGHPUT

COLUMNS = (
    Column("contender", "contender", rank=1),
    Column("slots", "slots", digits=6, rank=8),
    Column("rate", "confirmed rate", "/s", 4, "higher", rank=2),
    Column("limit", "holds", rank=5),
    Column("rounds", "rounds", digits=6, rank=9),
    Column("served", "served, 95 % interval", "/s", rank=7),
    Column("failed", "did not hold", "/s", 4, rank=4),
    Column("ceiling", "ceiling", "%", 3, "higher", rank=6),
    Column("limited_by", "limited by", rank=3),
    Column("why", "why not higher", rank=10, wraps=True),
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row per cell whose rate was searched."""
    searched = [(cell, cell.highest_rate) for group in gathered for cell in group if cell.highest_rate]
    if searched:
        yield Table(
            key="rates",
            title="The highest rate",
            about="found by ramp and bisection, then confirmed by a full trial in every round",
            columns=COLUMNS,
            rows=[_row(cell, search) for cell, search in searched],
            notes=[note for cell, search in searched for note in _notes(cell, search)],
        )


def percent_of_ceiling(cell: Cell, search: HighestRate) -> float | None:
    """The confirmed rate as a share of what the slots could serve."""
    if search.rate_per_s is None or not cell.ceiling_per_s:
        return None
    return 100 * search.rate_per_s / cell.ceiling_per_s


def _row(cell: Cell, search: HighestRate) -> Row:
    return Row(
        {
            "contender": cell.name,
            "slots": cell.slots if cell.slots is not None else "none",
            "rate": search.rate_per_s,
            "limit": search.limit,
            "rounds": len(cell.counted) if search.status == "confirmed" else None,
            "served": _served(cell) if search.status == "confirmed" else None,
            "failed": search.failed_per_s,
            "ceiling": percent_of_ceiling(cell, search),
            "limited_by": search.limited_by,
            "why": search.why,
        },
        cell.side,
    )


def _served(cell: Cell) -> str | None:
    """What was served at the confirmed rate, over the rounds."""
    return interval_text(THROUGHPUT.interval(cell.summary), THROUGHPUT.digits) if cell.summary else None


def _notes(cell: Cell, search: HighestRate) -> Iterable[Note]:
    """Where the limit was something that both sides share."""
    for doubt in resource_doubts.of_bottleneck(search.limited_by):
        yield Note(f"{doubt.kind} ({cell.label}): {doubt.text}. Advice: {doubt.advice}.", "doubt")
