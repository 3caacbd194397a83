"""Which two cells of a group the report compares, and what the document says of them: for sentences and overviews."""

from collections.abc import Iterator
from typing import NamedTuple

from harness.report.leading import lead_of
from harness.results.model import RANKED, Cell, Comparison, Results, View
from harness.statistics.comparable import NO_WORK, unranked
from harness.statistics.groups import bases_of, compared_with, rivals_of
from harness.statistics.metrics import CPU, Metric, ranked_by
from harness.statistics.ranking import leading, ranking


class Pair(NamedTuple):
    """A base and the best of those that it is compared with, by what ranks them."""

    base: Cell
    rival: Cell
    speed: Metric
    """By what their load ranks rows."""
    comparison: Comparison | None
    """Of their speeds; None where `why` says that the set-up decides these."""
    why: str | None
    cpu: Comparison | None
    """Of their CPU a request; None if it is not known, or without work."""

    @property
    def across(self) -> bool:
        """Whether it compares two sides."""
        return self.base.side != self.rival.side

    @property
    def without_work(self) -> bool:
        """Whether it is a no-op, which has no ratio at all."""
        return self.why == NO_WORK


def has_figures(cell: Cell) -> bool:
    """Whether it was measured."""
    return cell.status == "measured" and cell.summary is not None


def ranked_in(group: list[Cell]) -> Metric | None:
    """The metric by which rows are marked as the best; none where the workload is about something else."""
    metric = ranking(group)
    is_latency = metric is not None and metric.kind == "latency"
    return metric if is_latency or lead_of(group[0].workload).measure.is_rate else None


def pairs(results: Results, view: View, group: list[Cell]) -> Iterator[Pair]:
    """One for each base of the group that has figures and a rival that it is compared with."""
    measured = [cell for cell in group if has_figures(cell)]
    if view.matched not in RANKED:
        return
    for base in bases_of(group):
        speed = next(iter(ranked_by(base)), None)
        if speed is None or not has_figures(base):
            continue
        rivals = rivals_of(measured, base) or compared_with(base, measured)
        why = next(filter(None, (_why(base, rival, speed) for rival in rivals)), None)
        rival = leading(rivals, speed if why in (None, NO_WORK) else CPU) or leading(rivals, speed)
        if rival is None:
            continue
        comparison = None if why else comparison_of(results, view, base, rival, speed)
        if comparison or why:
            cpu = None if why == NO_WORK else comparison_of(results, view, base, rival, CPU)
            yield Pair(base, rival, speed, comparison, why, cpu)


def _why(base: Cell, rival: Cell, speed: Metric) -> str | None:
    """Why their speeds are not compared."""
    if (why := unranked(base, rival, speed)) is not None:
        return why
    measure = lead_of(base.workload).measure
    return f"about {measure.name}" if speed.kind == "rate" and not measure.is_rate else None


def comparison_of(results: Results, view: View, base: Cell, rival: Cell, metric: Metric) -> Comparison | None:
    """What the document says of these two by that metric."""
    wanted = (view.name, base.workload, base.params, base.load, base.label, rival.label, metric.key)
    for comparison in results.comparisons:
        where = (comparison.view, comparison.workload, comparison.params, comparison.load)
        if (*where, comparison.base, comparison.contender, comparison.metric) == wanted:
            return comparison
    return None
