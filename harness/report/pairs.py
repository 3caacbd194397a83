"""Which two cells of a group the report compares, and what the document says of them: for sentences and overviews."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from harness.results.model import RANKED, Cell, Comparison, Results, View
from harness.statistics.groups import bases_of, compared_with, rivals_of
from harness.statistics.metrics import Metric
from harness.statistics.ranking import leading, ranking


class Pair(NamedTuple):
    """A base and the best of those that it is compared with, by what their load ranks."""

    base: Cell
    rival: Cell
    metric: Metric
    comparison: Comparison

    @property
    def across(self) -> bool:
        """Whether it compares two sides."""
        return self.base.side != self.rival.side


def has_figures(cell: Cell) -> bool:
    """Whether it was measured."""
    return cell.status == "measured" and cell.summary is not None


def pairs(results: Results, view: View, group: list[Cell]) -> Iterator[Pair]:
    """One for each base of the group that has figures and a rival that it is compared with."""
    measured = [cell for cell in group if has_figures(cell)]
    if view.matched not in RANKED:
        return
    for base in bases_of(group):
        metric = ranking(base)
        if metric is None or not has_figures(base):
            continue
        rivals = rivals_of(measured, base) or compared_with(base, measured)
        rival = leading(rivals, metric)
        comparison = rival and comparison_of(results, view, base, rival, metric)
        if rival and comparison:
            yield Pair(base, rival, metric, comparison)


def comparison_of(results: Results, view: View, base: Cell, rival: Cell, metric: Metric) -> Comparison | None:
    """What the document says of these two by that metric."""
    wanted = (view.name, base.workload, base.params, base.load, base.label, rival.label, metric.key)
    for comparison in results.comparisons:
        where = (comparison.view, comparison.workload, comparison.params, comparison.load)
        if (*where, comparison.base, comparison.contender, comparison.metric) == wanted:
            return comparison
    return None


def untold(pair: Pair) -> str | None:
    """Why the size of their ratio is the set-up's, so that it is not told; None where it is their own."""
    if pair.base.ideal_s == 0:
        return "no work, so no ratio"
    if pair.metric.kind == "rate" and _at_once(pair.base) != _at_once(pair.rival):
        return "the clients decide by how much"
    return None


def _at_once(cell: Cell) -> float:
    """Requests that it has in execution at the most: bounded by its slots, and by what the load has under way."""
    under_way = cell.load.clients or cell.load.requests or math.inf
    return min(cell.slots or math.inf, under_way)
