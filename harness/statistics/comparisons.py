"""Compares contenders of one run within a view, pair by pair over the rounds. Pure functions."""

from collections.abc import Iterator
from statistics import geometric_mean
from typing import NamedTuple

from harness.results.model import RANKED, Cell, Comparison, Interval, Rung, View
from harness.statistics import families
from harness.statistics.comparable import unranked
from harness.statistics.groups import bases_of, compared_with, groups
from harness.statistics.intervals import Estimate, by_boot, estimate
from harness.statistics.metrics import COSTS, THROUGHPUT, Metric, ranked_by, rung_metrics
from harness.statistics.verdicts import in_words, said_by


class Pair(NamedTuple):
    """A metric of one cell ÷ that of its base, over the rounds that both measured."""

    base: Cell
    other: Cell
    metric: Metric
    ratio: Estimate


def comparisons(cells: list[Cell], views: list[View]) -> list[Comparison]:
    """Each contender of a matched view against the group's base; each tuned one also against its tuned base."""
    made: list[Comparison] = []
    for view in views:
        if view.rung is not None:
            made += _judged(view, list(_of_rung(cells, view, view.rung)))
        if view.matched not in RANKED:
            continue
        for group in groups(cells, view):
            made += _judged(view, list(_of_group(group)))
    return made


def _of_group(group: list[Cell]) -> Iterator[Pair]:
    for base in bases_of(group):
        for other in compared_with(base, group):
            metrics = [metric for metric in (*ranked_by(base), *COSTS) if unranked(base, other, metric) is None]
            yield from _pairs(base, other, metrics)


def _of_rung(cells: list[Cell], view: View, rung: Rung) -> Iterator[Pair]:
    """What a rung's change does to each metric that a load shows, by the two cells under that load.

    Where the change is of the load itself, by the one base.
    """
    members = [cell for cell in cells if view.name in cell.views]
    bases = {cell.load.text: cell for cell in members if cell.id in rung.base}
    for changed in members:
        if changed.id not in rung.base:
            base = bases.get(changed.load.text) or next(iter(bases.values()))
            yield from _pairs(base, changed, [THROUGHPUT] if rung.limit else rung_metrics(base))


def _pairs(base: Cell, other: Cell, metrics: list[Metric]) -> Iterator[Pair]:
    for metric in metrics:
        ratio = ratio_of(base, other, metric)
        if ratio is not None:
            yield Pair(base, other, metric, ratio)


def _judged(view: View, pairs: list[Pair]) -> Iterator[Comparison]:
    """All pairs of a group; those of one metric are one family."""
    judged = families.judged([(pair.metric, pair.ratio) for pair in pairs])
    for pair, (interval, family) in zip(pairs, judged, strict=True):
        yield _comparison(view, pair, interval, family)


def _comparison(view: View, pair: Pair, interval: Interval | None, family: int) -> Comparison:
    base, other, metric, ratio = pair
    return Comparison(
        view=view.name,
        workload=base.workload,
        params=other.params,
        load=base.load,
        base=base.label,
        contender=other.label,
        metric=metric.key,
        ratio=ratio.value,
        ci95=interval,
        rounds=ratio.rounds,
        boots=ratio.boots,
        family=family,
        verdict=in_words(said_by(interval), metric.verdicts) if ratio.enough else None,
    )


def against(view: View, base: Cell, others: list[Cell], metric: Metric) -> list[Comparison]:
    """These against any cell of their group, judged together."""
    return list(_judged(view, [pair for other in others for pair in _pairs(base, other, [metric])]))


def ratio_of(base: Cell, other: Cell, metric: Metric) -> Estimate | None:
    """Other ÷ base, round by round within each boot; None if no round has a figure of both."""
    of_base, of_other = _by_round(base, metric), _by_round(other, metric)
    common = [where for where in of_base if where in of_other]
    boots = by_boot((boot, of_other[boot, number] / of_base[boot, number]) for boot, number in common)
    return estimate(boots, once_a_boot=metric.once_a_boot) if boots else None


def _by_round(cell: Cell, metric: Metric) -> dict[tuple[int, int], float]:
    """Boot and round → the metric, where it has one; of several trials in a round, their mean."""
    figures: dict[tuple[int, int], list[float]] = {}
    for trial in cell.trials:
        if trial.status == "measured" and (figure := metric.of_trial(trial)):
            figures.setdefault((trial.boot, trial.round), []).append(figure)
    return {where: geometric_mean(values) for where, values in figures.items()}
