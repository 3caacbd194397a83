"""A sweep's answer: what has no figures, and where the sides change places over each number."""

from collections.abc import Iterator

from harness.report.answers.figures import carried, not_sustained
from harness.report.pairs import has_figures
from harness.report.tables.scaling import in_words
from harness.results.model import Results, View
from harness.statistics.metrics import BY_KEY
from harness.statistics.sweeps import scalings


def sentences(results: Results, view: View) -> Iterator[str]:
    """The sentences on one view."""
    members = [cell for cell in results.cells if view.name in cell.views]
    missing = [cell for cell in members if not has_figures(cell)]
    if missing:
        cells = ", ".join(f"{cell.label} under {cell.load.text} ({cell.status})" for cell in missing)
        yield f"{view.name}: no figures for {cells}."
    if blocked := carried(members):
        yield f"{view.name}:{blocked}"
    yield from not_sustained(view.name, [cell for cell in members if has_figures(cell)])
    for scaling in scalings(results.cells, [view]):
        for sentence in in_words(scaling):
            yield f"{scaling.fixed}, {BY_KEY[scaling.metric].name} by {scaling.over}: {sentence}"
