"""The doubts that matter, each once: of all rows that are shown; what has no figures comes first."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.report.first.screen import DOUBTS_MOST, OverviewRow
from harness.report.subjects import workload_of
from harness.report.table import Note
from harness.report.wording import counted
from harness.report.words.doubts import BY_KIND, ORDER, WEIGHING
from harness.results.model import Cell, Doubt, Results
from harness.results.text import in_a_line

SAID = frozenset({"too-few-rounds", "one-boot"})
"""Kinds of which the line on certainty says all."""
NAMED = 2
"""So many rows are named; more are counted."""


def doubts(results: Results, rows: Sequence[OverviewRow] = ()) -> list[Note]:
    """What has no figures, and at most four kinds of doubt; then how many more there are.

    First those that the overview's rows name, then those that weigh.
    """
    shown = {view.name for view in results.run.views}
    cells = [cell for cell in results.cells if shown & set(cell.views)]
    lines = [
        _line(kind, first, _names(results, having, cells), len(having) == len(cells))
        for kind, (first, having) in _by_kind(cells).items()
        if kind not in SAID
    ]
    named = [f"{kind} " for row in rows for kind in row.doubts]
    lines.sort(key=lambda line: not line.text.startswith(tuple(named)))
    more = len(lines) - DOUBTS_MOST
    left_out = f"{counted(more, 'more kind')} of doubt: under the tables (in the terminal: --verbose)."
    return [*_without_figures(cells), *lines[:DOUBTS_MOST], *([Note(left_out)] if more > 0 else [])]


def _without_figures(cells: Sequence[Cell]) -> Iterator[Note]:
    by_status: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.status not in ("measured", "pending"):
            by_status.setdefault(cell.status, []).append(cell)
    for status, without in by_status.items():
        names = [f"{cell.label} ({cell.workload})" for cell in without]
        more = f" and {len(names) - NAMED} more" if names[NAMED:] else ""
        reason = in_a_line(without[0].reason or "no reason is known")
        if len({cell.reason for cell in without}) > 1:
            reason = f"{without[0].label}: {reason}"  # the figures in it are not those of the others
        yield Note(f"{status}, so without figures: {', '.join(names[:NAMED])}{more}: {reason}.", "error")
    counted_trials = [trial for cell in cells for trial in cell.counted if trial.crash is None]
    bad = sum(trial.wrong + trial.failed + trial.lost for trial in counted_trials)
    if bad:
        yield Note(f"{counted(bad, 'request')} failed, got a wrong reply or were lost.", "error")


def _by_kind(cells: Sequence[Cell]) -> dict[str, tuple[Doubt, list[Cell]]]:
    """Kind → its first doubt and the rows with it; those that weigh first, then in the glossary's order."""
    found: dict[str, tuple[Doubt, list[Cell]]] = {}
    for cell in cells:
        for doubt in cell.summary.doubts if cell.summary else ():
            found.setdefault(doubt.kind, (doubt, []))[1].append(cell)
    last = len(ORDER)
    return dict(sorted(found.items(), key=lambda item: (item[0] not in WEIGHING, ORDER.get(item[0], last))))


def _names(results: Results, having: Sequence[Cell], cells: Sequence[Cell]) -> list[str]:
    """The labels of those rows; where rows of other work have the same one, with the work."""
    labels = Counter(label for label, _ in {(cell.label, workload_of(results, cell)) for cell in cells})
    return [
        f"{cell.label} in {workload_of(results, cell)}" if labels[cell.label] > 1 else cell.label for cell in having
    ]


def _line(kind: str, doubt: Doubt, rows: Sequence[str], every: bool) -> Note:
    word = BY_KIND.get(kind)
    return Note(f"{kind} ({_rows(rows, every)}): {word.means if word else doubt.text + '.'}", "doubt")


def _rows(rows: Sequence[str], every: bool) -> str:
    distinct = list(dict.fromkeys(rows))
    if every and len(rows) > 1:
        return "all rows"
    return ", ".join(distinct) if len(distinct) <= NAMED else counted(len(rows), "row")
