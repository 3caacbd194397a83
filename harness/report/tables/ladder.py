"""What each rung of a ladder gains, and what it gives up."""

from collections.abc import Iterable

from harness.report.table import Column, Note, Row, Section, Table, Value, filled
from harness.results.model import Comparison, Results, Rung, View
from harness.results.text import in_a_line
from harness.statistics.metrics import METRICS
from harness.statistics.rungs import by_metric, effects, in_words

COLUMNS = (
    Column("rung", "changed", rank=1),
    Column("verdict", "seen", wraps=True, rank=2),
    Column("gives_up", "gives up", wraps=True, rank=3),
    *(Column(metric.key, metric.name, "×", optional=True, rank=4 + place) for place, metric in enumerate(METRICS)),
)


def sections(document: Results) -> Iterable[Section]:
    """One section if the run is a ladder, else none."""
    rows = [_row(document, view, view.rung) for view in document.run.views if view.rung and not view.rung.limit]
    if not rows:
        return
    notes = [
        Note(f"{view.name}: {view.about}.", detail=True)
        for view in document.run.views
        if view.rung and not view.rung.limit and view.about
    ]
    about = "one change at a time: with the change ÷ without it, over rounds, with the 95 % interval"
    yield Section(
        title=f"{document.run.plan}: what each setting gains",
        about=about,
        tables=[Table("ladder", "The ladder", about, filled(COLUMNS, rows), rows, notes)],
    )


def _row(document: Results, view: View, rung: Rung) -> Row:
    of_rung = effects(document, view)
    cells = [cell for cell in document.cells if view.name in cell.views]
    reason = next((cell.reason for cell in cells if cell.reason and cell.status != "measured"), None)
    values: dict[str, Value] = {metric: _ratio(effect) for metric, effect in by_metric(of_rung).items()}
    gives_up = rung.gives_up or "nothing"
    return Row(
        {
            "rung": view.name,
            **values,
            "verdict": (reason and in_a_line(reason)) or in_words(of_rung),
            "gives_up": f"UNSAFE: {gives_up}" if rung.unsafe else gives_up,
        },
        cells[0].side if cells else "",
    )


def _ratio(effect: Comparison) -> str:
    if effect.ci95 is None:
        return f"{effect.ratio:.2f}"
    return f"{effect.ratio:.2f} ({effect.ci95[0]:.2f}–{effect.ci95[1]:.2f})"
