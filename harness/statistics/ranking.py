"""Which cell of a group is the best by what its load ranks. Pure functions."""

from typing import NamedTuple

from harness.results.model import Cell
from harness.statistics import families
from harness.statistics.comparable import unranked, without_work
from harness.statistics.comparisons import ratio_of
from harness.statistics.intervals import Estimate
from harness.statistics.metrics import CPU, Metric, ranked_by
from harness.statistics.verdicts import said_by


class Best(NamedTuple):
    """The cell that its group's load ranks first."""

    cell: Cell
    indicative: bool
    """Whether there were too few rounds or boots for a verdict."""


def ranking(group: list[Cell]) -> Metric | None:
    """The metric by which cells of a group are ranked: CPU where the set-up decides their speeds, none for no-ops."""
    first = group[0]
    speed = next(iter(ranked_by(first)), None)
    if speed is None or without_work(first):
        return None
    return CPU if any(unranked(first, other, speed) for other in group[1:]) else speed


def leading(cells: list[Cell], metric: Metric) -> Cell | None:
    """The cell with the best mean of that metric, of those that have one."""
    means = [(mean.log, cell) for cell in cells if (mean := metric.estimated(cell))]
    if not means:
        return None
    choose = max if metric.more_is_better else min
    return choose(means, key=lambda mean: mean[0])[1]


def better_than(one: Cell, others: list[Cell], metric: Metric) -> list[Cell]:
    """Those that their ratio to it, all judged together, calls better."""
    ratios = [(other, ratio) for other in others if other is not one and (ratio := ratio_of(one, other, metric))]
    judged = families.judged([(metric, ratio) for _, ratio in ratios])
    wanted = "above" if metric.more_is_better else "below"
    return [other for (other, _), (interval, _) in zip(ratios, judged, strict=True) if said_by(interval) == wanted]


def best(group: list[Cell]) -> Best | None:
    """The best cell; only where its ratio to every other cell, judged together, is called better."""
    measured = [cell for cell in group if cell.status == "measured" and cell.summary]
    metric = ranking(group)
    if len(measured) < 2 or len(measured) < len(group) or metric is None:
        return None
    first = leading(measured, metric)
    if first is None:
        return None
    ratios = [ratio_of(other, first, metric) for other in measured if other is not first]
    known = [ratio for ratio in ratios if ratio is not None]
    if len(known) < len(ratios) or not _all_better(metric, known):
        return None
    return Best(first, indicative=not all(ratio.enough for ratio in known))


def _all_better(metric: Metric, ratios: list[Estimate]) -> bool:
    wanted = "above" if metric.more_is_better else "below"
    judged = families.judged([(metric, ratio) for ratio in ratios])
    return all(said_by(interval) == wanted for interval, _ in judged)
