"""The headline of a run under a surge: who recovered after how long, or what was left without an answer."""

from typing import NamedTuple

from harness.report.doubted import kinds_of
from harness.report.first.certainty import UNKNOWN, doubted_in, evidence_of, is_enough
from harness.report.first.headline import fitting, qualifiers_of
from harness.report.first.screen import Certainty
from harness.report.pairs import has_figures
from harness.report.table import number
from harness.report.wording import listed
from harness.results.model import Cell, Results
from harness.statistics.groups import groups
from harness.statistics.metrics import CPU


class _Row(NamedTuple):
    """A row that was measured under a surge."""

    cell: Cell
    unanswered: int
    asked: int
    recovered_s: list[float]
    """Of the trials that did recover."""
    trials: int

    @property
    def holds(self) -> bool:
        """Whether it answered everything and recovered each time."""
        return not self.unanswered and len(self.recovered_s) == self.trials

    @property
    def mean_s(self) -> float:
        """Until it had recovered; 0 if it never did."""
        return sum(self.recovered_s) / len(self.recovered_s) if self.recovered_s else 0.0


def of_surges(results: Results) -> tuple[str, Certainty] | None:
    """Of the first workload and surge of the run; None where there was no surge."""
    for view in results.run.views:
        for group in groups(results.cells, view):
            rows = [_row_of(cell) for cell in group if has_figures(cell) and any(t.surge for t in cell.counted)]
            if rows:
                rows.sort(key=_badness)
                return _headline(rows), _certainty(rows)
    return None


def _row_of(cell: Cell) -> _Row:
    trials = [trial for trial in cell.counted if trial.surge is not None]
    times = [trial.surge.recovered_s for trial in trials if trial.surge is not None]
    submitted, ok = sum(trial.submitted for trial in trials), sum(trial.ok for trial in trials)
    return _Row(cell, submitted - ok, submitted, [time for time in times if time is not None], len(trials))


def _badness(row: _Row) -> tuple[bool, float, int, float]:
    """First what answered everything and recovered soonest; last what left most without an answer."""
    return not row.holds, row.unanswered / max(1, row.asked), row.trials - len(row.recovered_s), row.mean_s


def _headline(rows: list[_Row]) -> str:
    """The best of them and the worst."""
    best, *others = rows
    overlapping = [row for row in others if row.holds and best.holds and not _first([best, row])]
    shown = [best, *(overlapping or others)[-1:]]
    both = all(row.holds for row in shown)
    texts = [_became(row, short=both and bool(index)) for index, row in enumerate(shown)]
    cells = [row.cell for row in shown]
    said = ", ".join(texts)
    if both and overlapping:
        said = f"undecided who recovers sooner: {said.replace(' recovered after', '').replace(' after', '')}"
    return fitting(
        [f"{best.cell.load.text}: {said}", said],
        uncertain=qualifiers_of(cells, few=not all(is_enough(cell) for cell in cells)),
    )


def _became(row: _Row, *, short: bool) -> str:
    if row.unanswered:
        return f"{row.cell.label} left {row.unanswered:,} of {row.asked:,} unanswered"
    if not row.recovered_s:
        return f"{row.cell.label} did not recover"
    if not row.holds:
        return f"{row.cell.label} recovered {len(row.recovered_s)} times of {row.trials}"
    return f"{row.cell.label} {'' if short else 'recovered '}after {number(row.mean_s, 2)} s"


def _certainty(rows: list[_Row]) -> Certainty:
    """The only one that holds; of several, the one that recovered sooner in each trial than the others in any."""
    cells = [row.cell for row in rows]
    doubts = [kinds_of([cell]) for cell in cells]
    times = [f"{row.cell.label} {_range(row.recovered_s)}" for row in rows if row.recovered_s]
    sure = [evidence_of(cells), f"recovered after: {', '.join(times)}" if times else "", doubted_in(doubts)]
    firm = not any(doubts) and all(map(is_enough, cells))
    return Certainty(_use(rows, "" if firm else "probably ") if rows[1:] else "", "; ".join(filter(None, sure)))


def _use(rows: list[_Row], probably: str) -> str:
    holding = [row for row in rows if row.holds]
    if not holding:
        return UNKNOWN
    best, *others = holding
    if not others:
        return f"{probably}{best.cell.label}: the only one that answered everything and recovered"
    if _first(holding):
        return f"{probably}{best.cell.label}: the first to recover"
    cheap = _cheapest([row.cell for row in holding])
    also = f"; {probably}{cheap.label} where CPU counts" if cheap else ""
    open_ = [best, *(row for row in others if not _first([best, row]))]
    all_of = "" if len(open_) == len(rows) else f"of {listed([row.cell.label for row in open_])} "
    return f"undecided which {all_of}recovers sooner{also}"


def _first(holding: list[_Row]) -> bool:
    """Whether the first recovered sooner in each trial than the others in any."""
    best, *others = holding
    return all(max(best.recovered_s) < min(row.recovered_s) for row in others if row.recovered_s)


def _cheapest(cells: list[Cell]) -> Cell | None:
    """The one whose CPU a request is known to be below that of each other; None where none is."""
    known = [(interval, cell) for cell in cells if (cost := CPU.estimated(cell)) and (interval := cost.interval())]
    if len(known) < len(cells):
        return None
    (least, best), *others = sorted(known, key=lambda each: each[0][1])
    return best if all(least[1] < interval[0] for interval, _ in others) else None


def _range(times_s: list[float]) -> str:
    low, high = (f"{number(value, 2)}" for value in (min(times_s), max(times_s)))
    return f"{low} s" if low == high else f"{low} to {high} s"
