"""Which two cells of a group the report compares, and what the document says of them: for sentences and overviews."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from harness.report.leading import lead_of
from harness.report.promised import Promised
from harness.results.model import RANKED, Cell, Comparison, Results, View
from harness.statistics.comparable import NO_WORK, unranked
from harness.statistics.comparisons import against
from harness.statistics.groups import bases_of, compared_with, groups, rivals_of
from harness.statistics.metrics import CPU, Metric, ranked_by
from harness.statistics.ranking import better_than, leading, ranking

RIVALS_MOST = 4
"""With no more than these, each of one side is compared with the base; more are, with the one that is known best."""


class Pair(NamedTuple):
    """A base and one of those that it is compared with: the same one in all groups of a view, unless one is better."""

    base: Cell
    rival: Cell
    speed: Metric
    """By what their load ranks rows."""
    comparison: Comparison | None
    """Of their speeds; None where `why` says that the set-up decides these."""
    why: str | None
    cpu: Comparison | None
    """Of their CPU a request; None if it is not known, or without work."""
    promise: str = ""
    """What both promised, and kept in this run's crashes."""
    leads: bool = True
    """Whether the rival has the best mean of those that the base is compared with, by what ranks them."""

    @property
    def both(self) -> str:
        """What the settings of both are for, to stand behind the name of the work; empty where one of them has none."""
        if self.promise:
            return f", both {self.promise}"
        return ", both tuned" if self.base.tuning and self.rival.tuning else ""

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


class Pairs:
    """The pairs of a view: what holds for all of its groups is found once."""

    def __init__(self, results: Results, view: View) -> None:
        self._view, self._promised = view, Promised(results)
        self._groups = list(groups(results.cells, view)) if view.matched in RANKED else []
        self._told: dict[tuple[str, ...], list[Comparison]] = {}
        for comparison in results.comparisons:
            if comparison.view == view.name:
                names = (comparison.workload, comparison.base, comparison.contender, comparison.metric)
                self._told.setdefault(names, []).append(comparison)

    def __iter__(self) -> Iterator[Pair]:
        """Of all groups."""
        return (pair for group in self._groups for pair in self.of(group))

    def of(self, group: list[Cell]) -> Iterator[Pair]:
        """One for each base of the group that has figures and a rival that it is compared with."""
        for base in self._bases(group) if self._groups else ():
            rivals = self._rivals(group, base)
            if not rivals:
                continue
            speed, why = _ranking(base, rivals)
            metric = speed if why in (None, NO_WORK) else CPU
            best = leading(rivals, metric) or leading(rivals, speed)
            if best is None:
                continue
            usual = self._usual(base, rivals, best, metric)
            for rival in rivals if self._is_asked_of_each(group, rivals) else [usual]:
                comparison = None if why else self.comparison(base, rival, speed)
                if comparison or why:
                    cpu = None if why == NO_WORK else self.comparison(base, rival, CPU)
                    yield Pair(base, rival, speed, comparison, why, cpu, self._promised.of(base), leads=rival is best)

    def _is_asked_of_each(self, group: list[Cell], rivals: list[Cell]) -> bool:
        """Whether a run of a few contenders of one side asks which of them: there is no other side to stand for."""
        return len({cell.side for cell in group}) == 1 and len(self._groups) == 1 and len(rivals) <= RIVALS_MOST

    def comparison(self, base: Cell, rival: Cell, metric: Metric) -> Comparison | None:
        """What the document says of these two by it; of a base that it does not know, what their trials say."""
        for told in self._told.get((base.workload, base.label, rival.label, metric.key), ()):
            if (told.params, told.load) == (base.params, base.load):
                return told
        group = next(group for group in self._groups if any(cell is base for cell in group))
        if base in bases_of(group):
            return None
        made = against(self._view, base, compared_with(base, group), metric)
        return next((comparison for comparison in made if comparison.contender == rival.label), None)

    def _bases(self, group: list[Cell]) -> list[Cell]:
        """Those of the group; where crashes tried what settings promise, those of which a rival keeps the same."""
        base, *tuned = bases_of(group)
        if not self._promised:
            return [base, *tuned]
        own = [cell for cell in group if cell.side == base.side and cell.tuning and self._promised.of(cell)]
        return [base, *(cell for cell in own if self._rivals(group, cell))]

    def _rivals(self, group: list[Cell], base: Cell) -> list[Cell]:
        """What a base with figures is compared with, of what has figures; none where nothing ranks them.

        Of settings that promise something, those that kept the same.
        """
        if not has_figures(base) or not ranked_by(base):
            return []
        measured = [cell for cell in group if has_figures(cell) and not self._promised.broken(cell)]
        if promise := self._promised.of(base):
            return [cell for cell in measured if cell.side != base.side and self._promised.of(cell) == promise]
        return rivals_of(measured, base) or compared_with(base, measured)

    @cached_property
    def _leaders(self) -> dict[tuple[str, ...], Counter[str]]:
        """Tuning of a base → in how many groups which contender has the best mean beside it."""
        found: dict[tuple[str, ...], Counter[str]] = {}
        for group in self._groups:
            for base in self._bases(group):
                if rivals := self._rivals(group, base):
                    speed, why = _ranking(base, rivals)
                    first = leading(rivals, speed if why in (None, NO_WORK) else CPU)
                    found.setdefault(tuple(base.tuning), Counter()).update([first.name] if first else [])
        return found

    def _usual(self, base: Cell, rivals: list[Cell], best: Cell, metric: Metric) -> Cell:
        """The contender that has the best mean in most groups of the view, where none is known to be better than it.

        The best mean of each group would be another contender's from row to row, by noise.
        """
        leaders = self._leaders[tuple(base.tuning)].most_common()
        usual = next((cell for name, _ in leaders for cell in rivals if cell.name == name), best)
        if usual is best or not metric.estimated(usual):
            return best
        known = better_than(usual, rivals, metric)
        return leading(known, metric) or usual


def _ranking(base: Cell, rivals: list[Cell]) -> tuple[Metric, str | None]:
    """The speed by which they are ranked, and why it is not compared, if so."""
    speed = ranked_by(base)[0]
    return speed, next(filter(None, (_why(base, rival, speed) for rival in rivals)), None)


def _why(base: Cell, rival: Cell, speed: Metric) -> str | None:
    """Why their speeds are not compared."""
    if (why := unranked(base, rival, speed)) is not None:
        return why
    measure = lead_of(base.workload).measure
    return f"about {measure.name}" if speed.kind == "rate" and not measure.is_rate else None
