"""The rows of the overview: each workload of each view, or each rung of a ladder, as a ratio around 1."""

from collections import Counter
from collections.abc import Iterator

from harness.accounting.disturbance import DISTURBING
from harness.report.doubted import kinds_of
from harness.report.first.effects import cpu_of, effect_of, speed_of, swapped
from harness.report.first.screen import ROWS_MOST, OverviewRow, Party
from harness.report.first.variants import rows_of, varied
from harness.report.pairs import Pair, Pairs
from harness.report.subjects import load_of, row_of, slots_of, workload_of
from harness.results.model import Cell, Results, View
from harness.statistics.metrics import BY_KEY, CPU, THROUGHPUT
from harness.statistics.rungs import by_metric, effects, speeds
from harness.statistics.sweeps import is_sweep

NAMES = {"asyncio": "asyncio", "celery": "Celery"}
"""Of the sides, in sentences."""
WITH, WITHOUT = Party("with it", "with"), Party("without", "without")


def overview(results: Results) -> list[OverviewRow]:
    """All rows; those of sweeps only where they leave room, because crossovers say what they show.

    No-ops have a row only where there is nothing else.
    """
    views = [view for view in results.run.views if view.rung is None]
    of_views = {view.name: list(_of_view(results, view)) for view in views}
    ladder = list(_of_ladder(results))
    if sum(map(len, of_views.values())) + len(ladder) > ROWS_MOST:
        of_views |= {view.name: [] for view in views if is_sweep(results.cells, view)}
    rows = [row for of_view in of_views.values() for row in of_view] + ladder
    return _by_parties(_without_shared_view([row for row in rows if row.told] or rows, views))


def _by_parties(rows: list[OverviewRow]) -> list[OverviewRow]:
    """The same rows, by what they compare where all are of the same work; where some are, by the second too."""
    names = Counter(row.name for row in rows)
    if len(rows) > 1 and len(names) == 1:
        return [row._replace(name=row.parties) for row in rows]
    return [row._replace(name=f"{row.name}: {row.second.label}") if names[row.name] > 1 else row for row in rows]


def _without_shared_view(rows: list[OverviewRow], views: list[View]) -> list[OverviewRow]:
    """The same rows, without the view in their names where all are of one."""
    for view in views:
        if all(f", {view.name}" in row.name for row in rows) and len(rows) > 1:
            return [row._replace(name=row.name.replace(f", {view.name}", "", 1)) for row in rows]
    return rows


def compared(results: Results) -> list[tuple[View, Pair]]:
    """What the rows compare, rungs left out."""
    found = [(view, pair) for view in results.run.views if view.rung is None for pair in Pairs(results, view)]
    return [(view, pair) for view, pair in found if not pair.without_work] or found


def _of_view(results: Results, view: View) -> Iterator[OverviewRow]:
    if about := [one for one in varied(results) if one.view.name == view.name]:
        yield from (row for one in about for row in rows_of(results, one))
        return
    for pair in Pairs(results, view):
        yield row_of_pair(results, view, pair)


def row_of_pair(results: Results, view: View, pair: Pair) -> OverviewRow:
    """The row of these two."""
    base, rival = pair.base, pair.rival
    what = pair.speed.name if pair.speed is THROUGHPUT else f"{pair.speed.name} at {base.load.text}"
    return OverviewRow(
        name=row_of(results, view, base) + pair.both,
        subject=workload_of(results, base),
        first=Party(NAMES.get(base.side, base.side) if pair.across else base.label, base.label, base.side),
        second=Party(NAMES.get(rival.side, rival.side) if pair.across else rival.label, rival.label, rival.side),
        what=what,
        speed=speed_of(pair),
        cpu=cpu_of(pair),
        doubts=kinds_of((base, rival)),
        at=f"{slots_of(results, view, base)}{load_of(results, view, base)}".removeprefix(", "),
    )


def _of_ladder(results: Results) -> Iterator[OverviewRow]:
    """Each rung against its base, by the first speed that it was judged by."""
    for view in results.run.views:
        if view.rung is None or view.rung.limit:
            continue
        of_rung = by_metric(effects(results, view))
        judged = next(iter(speeds(list(of_rung.values()))), None)
        if judged is None:
            continue
        cpu = of_rung.get(CPU.key)
        side = next((cell.side for cell in results.cells if view.name in cell.views), "")
        yield OverviewRow(
            name=f"{view.name} (UNSAFE)" if view.rung.unsafe else view.name,
            subject=view.name,
            first=WITH._replace(side=side),
            second=WITHOUT,
            what=BY_KEY[judged.metric].name,
            speed=swapped(effect_of(judged)),
            cpu=swapped(effect_of(cpu)) if cpu else None,
            unsafe=view.rung.unsafe,
            doubts=tuple(kind for kind in kinds_of(_members(results, view)) if kind in DISTURBING),
        )


def _members(results: Results, view: View) -> list[Cell]:
    """The cells of a rung, and those without its change."""
    base = view.rung.base if view.rung else ()
    return [cell for cell in results.cells if view.name in cell.views or cell.id in base]
