"""What moves the rate of a row, and what does not (`--why`)."""

from collections.abc import Iterable

from harness.report.table import Column, Note, Row, Section, Table, Value, interval_text, number
from harness.results.model import Cell, Results
from harness.results.text import in_a_line
from harness.statistics.limits import Change, searched
from harness.statistics.metrics import THROUGHPUT

COLUMNS = (
    Column("change", "changed", wraps=True, rank=1),
    Column("limit", "if it moves the rate, the limit is", wraps=True, rank=4),
    Column("before", "requests without", "/s", 4, rank=6),
    Column("after", "requests with", "/s", 4, rank=5),
    Column("ratio", "throughput", "×", rank=3),
    Column("verdict", "moves it", rank=2, wraps=True),
)


def sections(document: Results) -> Iterable[Section]:
    """One for each row whose limit was looked for."""
    cells = {cell.id: cell for cell in document.cells}
    for target, changes in searched(document).items():
        cell = cells[target]
        about = "one change at a time: with the change ÷ without it, over rounds of their own, with the 95 % interval"
        busy = cell.summary.bottleneck if cell.summary else None
        notes = [Note(f"In the run itself, it was limited by {busy or 'nothing that was seen'}.")]
        yield Section(
            title=f"{cell.workload}, {cell.label}, {cell.load.text}: why no more?",
            about=about,
            tables=[
                Table(
                    key=f"why-{target}",
                    title="What moves the rate",
                    about=about,
                    columns=COLUMNS,
                    rows=[_row(change, document.cells, cell.side) for change in changes],
                    notes=notes,
                )
            ],
        )


def _row(change: Change, cells: list[Cell], side: str) -> Row:
    rung = change.view.rung
    members = [cell for cell in cells if change.view.name in cell.views]
    bases = [cell for cell in members if rung is not None and cell.id in rung.base]
    changed = [cell for cell in members if cell not in bases]
    reason = next((cell.reason for cell in members if cell.reason and cell.status != "measured"), None)
    values: dict[str, Value] = {
        "change": change.name,
        "limit": change.limit,
        "before": _rate(bases),
        "after": _rate(changed),
        "ratio": _ratio(change),
        "verdict": (reason and in_a_line(reason)) or _verdict(change),
    }
    return Row(values, side)


def _rate(cells: list[Cell]) -> float | None:
    return next((THROUGHPUT.of_cell(cell) for cell in cells if cell.summary), None)


def _ratio(change: Change) -> str | None:
    effect = change.effect
    if effect is None:
        return None
    interval = interval_text(effect.ci95, 3)
    return number(effect.ratio, 3) + (f" ({interval})" if interval else "")


def _verdict(change: Change) -> str:
    if change.is_open:
        return "undecided"
    if change.moves:
        return "yes"
    return "no" if change.effect is None or change.effect.verdict != "slower" else "no: slower"
