"""The first screen of a run."""

from collections.abc import Sequence
from functools import partial

from harness.report.answers import crashes, findings
from harness.report.doubted import kinds_of
from harness.report.first import certainty_of_kinds, headline, variants, without_rows
from harness.report.first.certainty import doubted_in, evidence_of, of_rows
from harness.report.first.crash_matrix import crash_matrices
from harness.report.first.doubts import doubts
from harness.report.first.layers import of_layers, taken_apart
from harness.report.first.limits import of_limits
from harness.report.first.measured import of_measure
from harness.report.first.one_base import of_one_base
from harness.report.first.overview import compared, overview
from harness.report.first.screen import FINDINGS_MOST, SEEN_ONCE, Certainty, FirstScreen, OverviewRow
from harness.report.first.surges import of_surges
from harness.report.first.tiles import Known, known_of, nothing_known, tiles
from harness.report.pairs import Pair, has_figures
from harness.report.subjects import row_of
from harness.results.model import Cell, Results, Run, View
from harness.results.profile import VIEW as PROFILED
from harness.statistics.groups import groups
from harness.statistics.layers import is_about_layers
from harness.statistics.sweeps import is_sweep, scalings

UNFINISHED = {
    "failed": "the run failed before its end",
    "killed": "the run was killed before its end",
    "interrupted": "the run was interrupted",
}
"""Status of a run → what that means for its answer."""


def first_screen(results: Results) -> FirstScreen:
    """Headline, overview, tiles and doubts of a run, finished or not."""
    rows = overview(results)
    known = compared(results)
    shown, name, comparing = _tile_cells(results, known)
    shown_tiles = tiles(shown, comparing)
    if once := bool(shown_tiles) and all(tile.mark == SEEN_ONCE for tile in shown_tiles):
        shown_tiles = [tile._replace(mark="") for tile in shown_tiles]
    said, certainty = _opening(results, rows, known)
    return FirstScreen(
        headline=said,
        certainty=certainty._replace(sure="; ".join(filter(None, [_end_of(results.run), certainty.sure]))),
        overview=rows,
        tiles=shown_tiles,
        tiles_of=f"{name}, {SEEN_ONCE}" if once else name,
        doubts=doubts(results, rows),
        findings=_findings(results),
        crashes=crash_matrices(results),
    )


def _end_of(run: Run) -> str:
    """Why there is less than the run was to measure; empty where there is not."""
    return UNFINISHED.get(run.status, "") or (run.ended or "")


def _findings(results: Results) -> list[str]:
    """The first eight; how many more there are."""
    sentences = findings.sentences(results)
    more = len(sentences) - FINDINGS_MOST
    return [
        *sentences[:FINDINGS_MOST],
        *([f"{more} more of these: in words (in the terminal: --verbose)."] if more > 0 else []),
    ]


def _opening(results: Results, rows: list[OverviewRow], known: Sequence[tuple[View, Pair]]) -> tuple[str, Certainty]:
    """The headline, and how sure it is: of what the run is about."""
    if (text := crashes.headline(results)) is not None:
        return text, crashes.certainty(results)
    views = [view for view in results.run.views if view.rung is None]
    cells = shown_in(results, views)
    if (text := without_rows.of_search(cells)) is not None:
        return text, certainty_of_kinds.of_search(cells)
    if any(view.rung and not view.rung.limit for view in results.run.views):
        told = headline.of_ladder(rows) if rows else without_rows.of_rest(results)
        return told, certainty_of_kinds.of_ladder(rows)
    if views and is_sweep(results.cells, views[0]):  # what the run is about comes first in its plan
        ranked = {pair.speed.key for _, pair in known}
        of_ranked = [each for each in scalings(results.cells, views[:1]) if each.metric in ranked]
        if (text := without_rows.of_sweeps(of_ranked, rows)) is not None:
            return text, certainty_of_kinds.of_sweeps(of_ranked, shown_in(results, views[:1]), rows)
    return _of_rows(results, rows, known)


def _of_rows(results: Results, rows: list[OverviewRow], known: Sequence[tuple[View, Pair]]) -> tuple[str, Certainty]:
    """Where a run is about its layers, these; else its comparisons, or why there are none."""
    apart = taken_apart(results)
    if is_about_layers(results.run.views) and (text := of_layers(results)) is not None:
        return text, certainty_of_kinds.of_layers(results, apart)
    if about := variants.varied(results):
        return variants.headline(results, about)
    if (about_own := of_measure(results)) is not None:
        return about_own
    if (surged := of_surges(results)) is not None:
        return surged
    if (several := of_one_base(rows)) is not None:
        return several
    if told := [row for row in rows if row.told]:
        return headline.of_rows(told, _noun(told)), of_rows(told)
    if (limited := of_limits(results)) is not None:
        return limited
    if (text := of_layers(results)) is not None:
        return text, certainty_of_kinds.of_layers(results, apart)
    pairs = [pair for _, pair in known]
    text = without_rows.of_no_ops(pairs) or without_rows.of_rest(results)
    measured = [cell for cell in shown_in(results, results.run.views) if cell.summary and PROFILED not in cell.views]
    sure = [evidence_of(measured), doubted_in([kinds_of([cell]) for cell in measured])]
    return text, Certainty(sure="; ".join(filter(None, sure)))


def shown_in(results: Results, views: Sequence[View]) -> list[Cell]:
    """The rows of these views."""
    names = {view.name for view in views}
    return [cell for cell in results.cells if names & set(cell.views)]


def _noun(rows: Sequence[OverviewRow]) -> str:
    """What rows are called: workloads where each is another one."""
    return "workloads" if len({row.subject for row in rows}) == len(rows) else "comparisons"


def _tile_cells(results: Results, known: Sequence[tuple[View, Pair]]) -> tuple[list[Cell], str, Known]:
    """The first pair that does some work; without a pair, the fastest cell of each side; and how they compare.

    Of a run that is about layers, all of what the headline takes apart, in their order.
    """
    views = [view for view in results.run.views if view.rung is None]
    if is_about_layers(views) and (apart := taken_apart(results)):
        return apart, row_of(results, views[0], apart[0]), nothing_known
    if about := variants.varied(results):
        one = about[-1]
        return [one.base, one.plain, one.best], row_of(results, one.view, one.base), nothing_known
    best = next(((view, pair) for view, pair in known if not pair.without_work), known[0] if known else None)
    if best is not None:
        view, pair = best
        rivals = [each.rival for of_view, each in known if of_view is view and each.base is pair.base]
        if rivals[1:]:
            return [pair.base, *rivals], row_of(results, view, pair.base), nothing_known
        return [pair.base, pair.rival], row_of(results, view, pair.base), partial(known_of, results, view, pair)
    for view in views:
        for group in groups(results.cells, view):
            measured = [cell for cell in group if has_figures(cell)]
            sides = dict.fromkeys(cell.side for cell in measured)
            if measured:
                fastest = [max((c for c in measured if c.side == side), key=_rate) for side in sides]
                return fastest, row_of(results, view, measured[0]), nothing_known
    return [], "", nothing_known


def _rate(cell: Cell) -> float:
    return cell.summary.throughput_per_s if cell.summary else 0.0
