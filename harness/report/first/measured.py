"""The headline of a run whose work is about a figure of its own, such as the slowdown of short jobs."""

from typing import NamedTuple

from harness.report.doubted import kinds_of
from harness.report.first.certainty import UNKNOWN, doubted_in, evidence_of, is_enough
from harness.report.first.headline import fitting, qualifiers_of
from harness.report.first.screen import SEEN_ONCE, Certainty
from harness.report.leading import Lead, Mean, lead_of
from harness.report.pairs import has_figures
from harness.report.table import number
from harness.results.model import RANKED, Cell, Results
from harness.results.profile import VIEW as PROFILED
from harness.statistics.groups import base_of, groups


class _Row(NamedTuple):
    """A row with that figure."""

    cell: Cell
    mean: Mean


def of_measure(results: Results) -> tuple[str, Certainty] | None:
    """The figure of the first view's base, and of the best and the worst beside it.

    None where the run has several workloads, or one that is about a figure that every trial has.
    """
    views = [view for view in results.run.views if view.rung is None and view.name != PROFILED]
    cells = [cell for cell in results.cells if {view.name for view in views} & set(cell.views) and has_figures(cell)]
    workloads = {cell.workload for cell in cells}
    if len(workloads) != 1 or not views or views[0].matched not in RANKED:
        return None
    lead = lead_of(workloads.pop())
    group = next(groups(results.cells, views[0]), [])
    if lead.metric is not None or lead.measure.is_rate or not group:
        return None
    rows = [_Row(cell, mean) for cell in group if has_figures(cell) and (mean := lead.of_cell(cell)) is not None]
    shown = _shown(rows, base_of(group), lead)
    return None if len(shown) < 2 else (_headline(shown, lead), _certainty(shown, lead))


def _shown(rows: list[_Row], base: Cell, lead: Lead) -> list[_Row]:
    """The base, and of the other side the best and the worst; the best one first."""
    own = [row for row in rows if row.cell is base]
    others = sorted((row for row in rows if row.cell.side != base.side), key=lambda row: _badness(row, lead))
    shown = [*own, *others[:1], *others[1:][-1:]]
    return sorted(shown, key=lambda row: _badness(row, lead))


def _badness(row: _Row, lead: Lead) -> float:
    better = lead.measure.better
    return -row.mean.value if better == "higher" else row.mean.value if better == "lower" else abs(row.mean.value)


def _headline(shown: list[_Row], lead: Lead) -> str:
    cells = [row.cell for row in shown]
    texts = [f"{row.cell.label} {_value(row.mean.value, lead)}" for row in shown]
    short = f"{shown[0].cell.label} {number(shown[0].mean.value, 2)}, {texts[1]}"
    once = all(len(cell.counted) == 1 for cell in cells)
    uncertain = qualifiers_of(cells, few=not all(map(is_enough, cells)))
    name = f"{lead.measure.name}, {SEEN_ONCE}" if once else lead.measure.name
    return fitting(
        [f"{name}: {values}" for values in (", ".join(texts[:3]), ", ".join(texts[:2]), short)],
        uncertain=uncertain.replace("indicative, ", "").replace(" (indicative)", "") if once else uncertain,
    )


def _certainty(shown: list[_Row], lead: Lead) -> Certainty:
    """The best one, where its interval lies apart from those of the others."""
    best, *others = shown
    cells = [row.cell for row in shown]
    sure = [evidence_of(cells)]
    known = [row for row in shown if row.mean.interval]
    ends = [
        f"{row.cell.label} {number(row.mean.interval[0], 2)} to {_value(row.mean.interval[1], lead)}"
        for row in known
        if row.mean.interval
    ]
    sure += [f"{', '.join(ends)} (95 %)"] if ends else []
    apart = len(known) == len(shown) and not any(_overlap(best.mean, other.mean) for other in others)
    doubts = [kinds_of([cell]) for cell in cells]
    firm = apart and not any(doubts) and all(map(is_enough, cells))
    said = "; ".join(filter(None, [*sure, doubted_in(doubts)]))
    if known and not apart:
        return Certainty(UNKNOWN, said)
    return Certainty(f"{'' if firm else 'probably '}{best.cell.label}, by {lead.measure.name}", said)


def _overlap(one: Mean, other: Mean) -> bool:
    if one.interval is None or other.interval is None:
        return True
    return one.interval[0] <= other.interval[1] and other.interval[0] <= one.interval[1]


def _value(value: float, lead: Lead) -> str:
    return f"{number(value, 2)} {lead.unit}".rstrip()
