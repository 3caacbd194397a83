"""Compares contenders of one run within a view, pair by pair over the rounds. Pure functions."""

from collections.abc import Iterator
from statistics import geometric_mean
from typing import NamedTuple

import msgspec

from harness.results.model import Cell, Comparison, Interval, Rung, Verdict, View
from harness.statistics.groups import bases_of, compared_with, groups
from harness.statistics.intervals import ROUNDS_FOR_VERDICT, paired_ratio
from harness.statistics.metrics import COSTS, THROUGHPUT, Metric, ranked_by, rung_metrics


class PairedRatio(NamedTuple):
    """A metric of one cell ÷ that of its base, over the rounds that both measured."""

    ratio: float
    ci95: Interval | None
    rounds: int


def comparisons(cells: list[Cell], views: list[View]) -> list[Comparison]:
    """Each contender of a matched view against the group's base; each tuned one also against its tuned base."""
    made: list[Comparison] = []
    for view in views:
        if view.rung is not None:
            made += _effects(cells, view, view.rung)
        if view.matched == "none":
            continue
        for group in groups(cells, view):
            for base in bases_of(group):
                for other in compared_with(base, group):
                    made += _compared(view, base, other, [*ranked_by(base), *COSTS])
    return made


def _compared(view: View, base: Cell, other: Cell, metrics: list[Metric]) -> Iterator[Comparison]:
    for metric in metrics:
        paired = ratio_of(base, other, metric)
        if paired is not None:
            yield _comparison(view, base, other, metric, paired)


def _effects(cells: list[Cell], view: View, rung: Rung) -> Iterator[Comparison]:
    """What a rung's change does to each metric that a load shows, by the two cells under that load.

    Where the change is of the load itself, by the one base.
    """
    members = [cell for cell in cells if view.name in cell.views]
    bases = {cell.load.text: cell for cell in members if cell.id in rung.base}
    for changed in members:
        if changed.id in rung.base:
            continue
        base = bases.get(changed.load.text) or next(iter(bases.values()))
        for metric in [THROUGHPUT] if rung.limit else rung_metrics(base):
            paired = ratio_of(base, changed, metric)
            if paired is None:
                continue
            effect = _comparison(view, base, changed, metric, paired)
            too_small = effect.verdict is not None and abs(paired.ratio - 1) < metric.least_effect
            yield msgspec.structs.replace(effect, verdict="no difference") if too_small else effect


def _comparison(view: View, base: Cell, other: Cell, metric: Metric, paired: PairedRatio) -> Comparison:
    return Comparison(
        view=view.name,
        workload=base.workload,
        params=other.params,
        load=base.load,
        base=base.label,
        contender=other.label,
        metric=metric.key,
        ratio=paired.ratio,
        ci95=paired.ci95,
        rounds=paired.rounds,
        verdict=verdict(metric, paired.ci95, paired.rounds),
    )


def ratio_of(base: Cell, other: Cell, metric: Metric) -> PairedRatio | None:
    """Other ÷ base, round by round; None if no round has a figure of both."""
    of_base, of_other = _by_round(base, metric), _by_round(other, metric)
    rounds = [number for number in of_base if number in of_other]
    if not rounds:
        return None
    ratio, interval = paired_ratio([of_base[number] for number in rounds], [of_other[number] for number in rounds])
    return PairedRatio(ratio, interval, len(rounds))


def _by_round(cell: Cell, metric: Metric) -> dict[int, float]:
    """The metric in each round that has it; of several trials in a round, their mean."""
    figures: dict[int, list[float]] = {}
    for trial in cell.trials:
        if trial.status == "measured" and (figure := metric.of_trial(trial)):
            figures.setdefault(trial.round, []).append(figure)
    return {number: geometric_mean(values) for number, values in figures.items()}


def verdict(metric: Metric, interval: Interval | None, rounds: int) -> Verdict | None:
    """What a ratio's interval says; None if there are too few rounds to say."""
    if interval is None or rounds < ROUNDS_FOR_VERDICT:
        return None
    above, below = metric.verdicts
    if interval[0] > 1:
        return above
    return below if interval[1] < 1 else "no difference"
