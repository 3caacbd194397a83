"""What a surge left behind: how much waited, and how long until that was gone."""

from collections.abc import Iterable

from harness.report.table import BLANK, Column, Row, Table, Value, number
from harness.report.tables.identity import IDENTITY_COLUMNS, identity
from harness.results.model import Cell, Surge, View

ROLES = ("driver", "workers", "broker")
COLUMNS = (
    *IDENTITY_COLUMNS,
    Column("peak", "waited at the peak", digits=6, better="lower", rank=3),
    Column("recovered", "recovered after", rank=2),
    Column("lost", "lost or failed", digits=9, better="lower", rank=4),
    *(Column(role, f"{role} MB", rank=6) for role in ROLES),
    Column("latency", "longest latency", "ms", 3, "lower", decimals=3, rank=5),
)


def tables(gathered: list[list[Cell]], view: View) -> Iterable[Table]:
    """One row a cell under a surge."""
    cells = [cell for group in gathered for cell in group if _surges(cell)]
    if cells:
        yield Table(
            key="surges",
            title="What a surge left behind",
            about="recovered: no more requests under way than at the most before the surge, mean of the trials; peak "
            "and longest latency: the most of all trials; MB of each role right before the surge → at its end, where "
            "most waits",
            columns=COLUMNS,
            rows=[_row(cell) for cell in cells],
            notes=[],
        )


def _surges(cell: Cell) -> list[Surge]:
    return [trial.surge for trial in cell.counted if trial.surge is not None]


def _row(cell: Cell) -> Row:
    seen = _surges(cell)
    trials = [trial for trial in cell.counted if trial.surge is not None]
    values: dict[str, Value] = {
        "peak": max(surge.peak for surge in seen),
        "recovered": _recovered(seen),
        "lost": sum(trial.submitted - trial.ok for trial in trials),
        "latency": max((trial.latency_ms.max for trial in trials if trial.latency_ms), default=None),
    }
    return Row({**identity(cell), **values, **{role: _memory(seen, role) for role in ROLES}}, cell.side)


def _memory(seen: list[Surge], role: str) -> str:
    """`48 → 152`; the means of the trials that know both."""
    both = [
        (surge.memory_before_mb[role], surge.memory_peak_mb[role])
        for surge in seen
        if role in surge.memory_before_mb and role in surge.memory_peak_mb
    ]
    if not both:
        return BLANK
    before, peak = (sum(values) / len(both) for values in zip(*both, strict=True))
    return f"{number(before, 3)} → {number(peak, 3)}"


def _recovered(seen: list[Surge]) -> str:
    """The mean; and in how many trials it did not recover, with how long it was watched."""
    times = [surge.recovered_s for surge in seen if surge.recovered_s is not None]
    within = f"within {number(max(surge.watched_s for surge in seen), 3)} s"
    if not times:
        return f"not {within}" + (f", in none of {len(seen)} trials" if len(seen) > 1 else "")
    said = f"{number(sum(times) / len(times), 3)} s"
    missing = len(seen) - len(times)
    return f"{said}; not in {missing} of {len(seen)} trials {within}" if missing else said
