"""Which cell of a group is the best by what its load ranks. Pure functions."""

from statistics import geometric_mean
from typing import NamedTuple

from harness.results.model import Cell
from harness.statistics.comparisons import PairedRatio, ratio_of
from harness.statistics.intervals import ROUNDS_FOR_VERDICT
from harness.statistics.metrics import Metric, ranked_by


class Best(NamedTuple):
    """The cell that its group's load ranks first."""

    cell: Cell
    indicative: bool
    """Whether there were too few rounds for a verdict."""


def ranking(cell: Cell) -> Metric | None:
    """The metric by which cells of this load are ranked; None if they are not."""
    return next(iter(ranked_by(cell)), None)


def leading(cells: list[Cell], metric: Metric) -> Cell | None:
    """The cell with the best mean of that metric, of those that have one."""
    means = [(geometric_mean(figures), cell) for cell in cells if (figures := metric.of_trials(cell))]
    if not means:
        return None
    choose = max if metric.more_is_better else min
    return choose(means, key=lambda mean: mean[0])[1]


def best(group: list[Cell]) -> Best | None:
    """The best cell; only where the interval of its ratio to every other cell lies wholly on the better side of 1."""
    measured = [cell for cell in group if cell.status == "measured" and cell.summary]
    metric = ranking(group[0])
    if len(measured) < 2 or len(measured) < len(group) or metric is None:
        return None
    first = leading(measured, metric)
    if first is None:
        return None
    ratios = [ratio_of(other, first, metric) for other in measured if other is not first]
    better = [ratio for ratio in ratios if ratio is not None and _is_better(metric, ratio)]
    if len(better) < len(ratios):
        return None
    return Best(first, indicative=min(ratio.rounds for ratio in better) < ROUNDS_FOR_VERDICT)


def _is_better(metric: Metric, paired: PairedRatio) -> bool:
    if paired.ci95 is None:
        return False
    low, high = paired.ci95
    return low > 1 if metric.more_is_better else high < 1
