"""The first screen of a run."""

from collections.abc import Sequence

from harness.report.answers import crashes, findings
from harness.report.first import headline, without_rows
from harness.report.first.doubts import doubts
from harness.report.first.layers import of_layers, taken_apart
from harness.report.first.overview import compared, overview
from harness.report.first.screen import FINDINGS_MOST, FirstScreen, OverviewRow
from harness.report.first.tiles import tiles
from harness.report.pairs import Pair, has_figures
from harness.report.subjects import row_of
from harness.results.model import Cell, Results, View
from harness.statistics.groups import groups
from harness.statistics.layers import is_about_layers
from harness.statistics.sweeps import is_sweep, scalings


def first_screen(results: Results) -> FirstScreen:
    """Headline, overview, tiles and doubts of a run, finished or not."""
    rows = overview(results)
    known = compared(results)
    shown, name = _tile_cells(results, known)
    return FirstScreen(
        headline=_headline(results, rows, known),
        overview=rows,
        tiles=tiles(shown),
        tiles_of=name,
        doubts=doubts(results),
        findings=_findings(results),
        outcomes=list(crashes.outcomes(results)),
    )


def _findings(results: Results) -> list[str]:
    """The first eight; how many more there are."""
    sentences = findings.sentences(results)
    more = len(sentences) - FINDINGS_MOST
    return [
        *sentences[:FINDINGS_MOST],
        *([f"{more} more of these: in words (in the terminal: --verbose)."] if more > 0 else []),
    ]


def _headline(results: Results, rows: list[OverviewRow], known: Sequence[tuple[View, Pair]]) -> str:
    if (text := crashes.headline(results)) is not None:
        return text
    views = [view for view in results.run.views if view.rung is None]
    shown = {view.name for view in views}
    if (text := without_rows.of_search([cell for cell in results.cells if shown & set(cell.views)])) is not None:
        return text
    if any(view.rung and not view.rung.limit for view in results.run.views):
        return headline.of_ladder(rows) if rows else without_rows.of_rest(results)
    if views and is_sweep(results.cells, views[0]):  # what the run is about comes first in its plan
        ranked = {pair.speed.key for _, pair in known}
        of_ranked = [each for each in scalings(results.cells, views[:1]) if each.metric in ranked]
        if (text := without_rows.of_sweeps(of_ranked, rows)) is not None:
            return text
    if is_about_layers(views) and (text := of_layers(results)) is not None:
        return text
    told = [row for row in rows if row.told]
    if told:
        return headline.of_rows(told, _noun(told))
    pairs = [pair for _, pair in known]
    return of_layers(results) or without_rows.of_no_ops(pairs) or without_rows.of_rest(results)


def _noun(rows: Sequence[OverviewRow]) -> str:
    """What rows are called: workloads where each is another one."""
    return "workloads" if len({row.subject for row in rows}) == len(rows) else "comparisons"


def _tile_cells(results: Results, known: Sequence[tuple[View, Pair]]) -> tuple[list[Cell], str]:
    """The first pair that does some work; without a pair, the fastest cell of each side.

    Of a run that is about layers, all of what the headline takes apart, in their order.
    """
    views = [view for view in results.run.views if view.rung is None]
    if is_about_layers(views) and (apart := taken_apart(results)):
        return apart, row_of(results, views[0], apart[0])
    best = next(((view, pair) for view, pair in known if not pair.without_work), known[0] if known else None)
    if best is not None:
        view, pair = best
        return [pair.base, pair.rival], row_of(results, view, pair.base)
    for view in views:
        for group in groups(results.cells, view):
            measured = [cell for cell in group if has_figures(cell)]
            sides = dict.fromkeys(cell.side for cell in measured)
            if measured:
                fastest = [max((c for c in measured if c.side == side), key=_rate) for side in sides]
                return fastest, row_of(results, view, measured[0])
    return [], ""


def _rate(cell: Cell) -> float:
    return cell.summary.throughput_per_s if cell.summary else 0.0
