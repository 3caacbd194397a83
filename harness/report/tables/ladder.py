"""What each rung of a ladder buys, and what it gives up."""

from collections.abc import Iterable

from harness.report.table import Column, Note, Row, Section, Table, Value, filled
from harness.results.model import Comparison, Results, View
from harness.statistics.rungs import METRICS, effects, firsts, told

COLUMNS = (
    Column("rung", "changed"),
    Column("verdict", "buys", wraps=True),
    Column("gives_up", "gives up", wraps=True),
    *(Column(key, title, "×", optional=key in ("publish_per_s", "latency_p99_ms")) for key, title in METRICS.items()),
)


def sections(document: Results) -> Iterable[Section]:
    """One, where the run is a ladder."""
    views = [view for view in document.run.views if view.rung is not None]
    if not views:
        return
    rows = [_row(document, view) for view in views]
    notes = [Note(f"{view.name}: {view.about}.") for view in views if view.about]
    about = "one thing changed at a time: changed ÷ as it was, over rounds, with the 95 % interval"
    yield Section(
        title=f"{document.run.plan}: what each setting buys",
        about=about,
        tables=[Table("ladder", "The ladder", about, filled(COLUMNS, rows), rows, notes)],
    )


def _row(document: Results, view: View) -> Row:
    found = effects(document, view)
    assert view.rung is not None
    cells = [cell for cell in document.cells if view.name in cell.views]
    reason = next((cell.reason for cell in cells if cell.reason and cell.status != "measured"), None)
    values: dict[str, Value] = {metric: _ratio(one) for metric, one in firsts(found).items()}
    gives_up = view.rung.gives_up or "nothing"
    return Row(
        {
            "rung": view.name,
            **values,
            "verdict": reason or told(found),
            "gives_up": f"UNSAFE: {gives_up}" if view.rung.unsafe else gives_up,
        },
        cells[0].side if cells else "",
    )


def _ratio(one: Comparison) -> str:
    if one.ci95 is None:
        return f"{one.ratio:.2f}"
    return f"{one.ratio:.2f} ({one.ci95[0]:.2f}–{one.ci95[1]:.2f})"
