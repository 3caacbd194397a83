"""How figures depend on slots, on the load or on a workload's parameter."""

from collections.abc import Callable, Iterable

from harness.model import Cell, View
from harness.scaling import Crossing, Scaling, crossings, scalings
from harness.table import Column, Note, Row, Section, Table, number

Figure = Callable[[Cell], float | None]


def _throughput(cell: Cell) -> float | None:
    return cell.summary.throughput_per_s if cell.summary else None


def _p50(cell: Cell) -> float | None:
    return cell.summary.latency_ms.p50 if cell.summary else None


def _p99(cell: Cell) -> float | None:
    return cell.summary.latency_ms.p99 if cell.summary else None


FIGURES: dict[str, tuple[str, str, Figure]] = {
    "throughput": ("requests", "/s", _throughput),
    "p50": ("p50 latency", "ms", _p50),
    "p99": ("p99 latency", "ms", _p99),
}
"""Key → what it is called, its unit, and how it is read."""


def sections(cells: list[Cell], view: View) -> Iterable[Section]:
    """One for each number that varies."""
    for one in scalings(cells):
        found = [table for key in FIGURES if (table := _table(one, key)) is not None]
        if found:
            yield Section(
                title=f"By {one.name}: {one.fixed} — {view.name}",
                about=f"what {one.name} changes, all else equal",
                tables=found,
                scaling=one,
            )


def points(one: Scaling, key: str) -> dict[str, dict[float, float]]:
    """Contender → number → figure, where it is known."""
    read = FIGURES[key][2]
    found = {
        line.contender: {x: y for x, cell in line.cells.items() if (y := read(cell)) is not None} for line in one.lines
    }
    return {name: line for name, line in found.items() if line}


def crossings_of(one: Scaling, key: str) -> list[Crossing]:
    """Where two sides change places in that figure."""
    return list(crossings(points(one, key), {line.contender: line.side for line in one.lines}))


def _table(one: Scaling, key: str) -> Table | None:
    name, unit, _ = FIGURES[key]
    known = points(one, key)
    if not known:
        return None
    return Table(
        key=f"scaling-{key}",
        title=f"{name.capitalize()} {unit} by {one.name}",
        about="",
        columns=(
            Column("x", one.name, one.unit, 6),
            *(
                Column(line, line, unit, 4 if key == "throughput" else 3, decimals=9 if unit == "/s" else 3)
                for line in known
            ),
        ),
        rows=[Row({"x": x, **{line: known[line].get(x) for line in known}}) for x in one.values],
        notes=[Note(_told(one, crossing)) for crossing in crossings_of(one, key)],
        detail=True,
    )


def _told(one: Scaling, crossing: Crossing) -> str:
    low, high = number(crossing.low, 6), number(crossing.high, 6)
    unit = f" {one.unit}" if one.unit else ""
    return (
        f"{crossing.second} overtakes {crossing.first} between {low} and {high}{unit} of {one.name}: "
        f"straight lines meet at about {number(crossing.at, 2)}."
    )
