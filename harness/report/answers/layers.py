"""What a figure is made of, in a sentence."""

from collections.abc import Iterator

from harness.report.answers.figures import carried
from harness.report.wording import amount
from harness.results.model import Cell, Layers, Results, View
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.layers import TITLES, is_undecided
from harness.statistics.units import percent


def sentences(results: Results, view: View) -> Iterator[str]:
    """One for each figure of the view that was taken apart."""
    for one in results.layers:
        if one.view == view.name:
            yield _sentence(one) + carried(rows_of(results, one))


def rows_of(results: Results, one: Layers) -> list[Cell]:
    """The rows that it was made of."""
    labels = {layer.contender for layer in one.layers}
    of_view = [cell for cell in results.cells if one.view in cell.views and cell.label in labels]
    wanted = (one.workload, one.params, one.load)
    return [cell for cell in of_view if (cell.workload, cell.params, cell.load) == wanted]


def _sentence(one: Layers) -> str:
    parts = [
        f"{layer.name} {amount(layer.difference)} ms "
        + ("(undecided)" if layer.ci95 and is_undecided(layer) else f"({percent(layer.share / 100)})")
        for layer in one.layers
    ]
    enough = one.rounds >= ROUNDS_FOR_VERDICT and one.boots >= BOOTS_FOR_VERDICT
    few = "" if enough else "; indicative, of too few rounds or boots"
    where = f"{one.workload}, {one.load.text}"
    last = one.layers[-1].contender
    return f"{where}: of {amount(one.whole)} ms {TITLES[one.figure]} with {last}: {', '.join(parts)}{few}."
