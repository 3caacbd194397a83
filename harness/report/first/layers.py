"""The headline of a run that takes a figure apart."""

from harness.report.answers.layers import rows_of
from harness.report.first.headline import fitting, qualifiers_of
from harness.report.table import number
from harness.results.model import Cell, Layers, Results
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.layers import FIGURES, is_undecided
from harness.statistics.units import percent


def of_layers(results: Results) -> str | None:
    """The layers that weigh most in the first figure of the first workload; None where nothing was taken apart."""
    one = main_of(results)
    if one is None:
        return None
    few = one.rounds < ROUNDS_FOR_VERDICT or one.boots < BOOTS_FOR_VERDICT
    uncertain = qualifiers_of(rows_of(results, one), few=few)
    known = sorted((layer for layer in one.layers[1:] if not is_undecided(layer)), key=lambda layer: -layer.share)
    whole, last = f"{number(one.whole, 2)} ms of CPU", one.layers[-1].contender
    if not known:
        return fitting([f"Undecided which layer costs the {whole} of {one.workload} on {last}"], uncertain=uncertain)
    texts = [f"{layer.name} {percent(layer.share / 100)}" for layer in known]
    candidates = [f"{one.workload} on {last} takes {whole}: {', '.join(texts[:most])}" for most in (3, 2, 1)]
    return fitting([*candidates, f"{one.workload}: {texts[0]} of its CPU"], uncertain=uncertain)


def taken_apart(results: Results) -> list[Cell]:
    """The rows of it; none where nothing was taken apart."""
    one = main_of(results)
    return [] if one is None else rows_of(results, one)


def main_of(results: Results) -> Layers | None:
    """The first figure of the first workload, under most clients."""
    first = [one for one in results.layers if one.figure == FIGURES[0].key]
    return max(
        first or results.layers,
        key=lambda each: (each.workload == results.layers[0].workload, _clients(each)),
        default=None,
    )


def _clients(one: Layers) -> int:
    return one.load.clients or 0
