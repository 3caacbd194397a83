"""A view about one setting of a contender, tried with several numbers: what the best of them gains, and what is left.

Such as the payloads of a task: `celery-asyncio`, and the same with `chunk-4`, `chunk-16` and `chunk-32`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.report.doubted import kinds_of
from harness.report.first.certainty import of_rows
from harness.report.first.effects import effect_of
from harness.report.first.headline import fitting, plainly, qualifiers
from harness.report.first.screen import Certainty, Effect, OverviewRow, Party
from harness.report.pairs import has_figures
from harness.report.subjects import row_of, workload_of
from harness.results.model import RANKED, Cell, Results, View
from harness.statistics.comparable import unranked, without_work
from harness.statistics.comparisons import against
from harness.statistics.groups import base_of, groups
from harness.statistics.metrics import CPU, THROUGHPUT, Metric, ranked_by
from harness.statistics.ranking import leading

NUMBERED = re.compile(r"(.+)-\d+")
"""A setting that is a number of something."""
LEAST = 2
"""So many numbers of it are tried, beside none."""


class Varied(NamedTuple):
    """One workload of such a view."""

    view: View
    base: Cell
    """Of the other side."""
    plain: Cell
    """Without the setting."""
    tried: list[Cell]
    """With it."""
    best: Cell
    """Of these, the one that takes the least CPU a request."""

    @property
    def setting(self) -> str:
        """`chunk-32`."""
        return self.best.tuning[-1]


def varied(results: Results) -> list[Varied]:
    """Each workload that does something, of each view that is about one such setting."""
    views = [view for view in results.run.views if view.rung is None and view.matched in RANKED]
    found = (_of_group(view, group) for view in views for group in groups(results.cells, view))
    return [each for each in found if each is not None]


def _of_group(view: View, group: list[Cell]) -> Varied | None:
    base = base_of(group)
    others = [cell for cell in group if cell.side != base.side and has_figures(cell)]
    plain = next((cell for cell in others if not cell.tuning), None)
    if plain is None or not has_figures(base) or without_work(base):
        return None
    tried = [cell for cell in others if cell.contender == plain.contender and len(cell.tuning) == 1]
    kinds = {match and match[1] for cell in tried for match in [NUMBERED.fullmatch(cell.tuning[0])]}
    best = leading(tried, CPU)
    if best is None or None in kinds or len(kinds) > 1 or len(tried) < LEAST or len(tried) + 1 < len(others):
        return None
    return Varied(view, base, plain, tried, best)


def rows_of(results: Results, one: Varied) -> Iterator[OverviewRow]:
    """The best number against none; what runs on the other side against that, and against none."""
    yield _row(results, one, one.best, one.plain)
    yield _row(results, one, one.base, one.best)
    yield _row(results, one, one.base, one.plain)


def headline(results: Results, found: list[Varied]) -> tuple[str, Certainty]:
    """What is left of the difference between the sides with it, and what there is without; of the last workload."""
    one = found[-1]
    gain, left, without = rows_of(results, one)
    work, name = gain.subject, one.setting
    both = [_times(row, one) for row in (left, without)]
    best = gain.cpu.times if gain.cpu and gain.cpu.standing == "first" else None
    texts = []
    if all(both):
        texts.append(f"{work}: {both[0]} with {name}, {both[1]} without")
        texts.append(f"{work}: CPU {both[0]} with {name}, {both[1]} without")
    if best:
        text = f"{work}: without {name}, {one.plain.name} takes {plainly(best)} times the CPU"
        texts += [f"{text}; against {one.base.side} undecided", text]
    texts.append(f"{work}: undecided whether {name} takes less CPU than none")
    uncertain = qualifiers([row._replace(speed=row.cpu or row.speed) for row in (gain, left)])
    return fitting(texts, uncertain=uncertain), of_rows([gain])


def _times(row: OverviewRow, one: Varied) -> str:
    """`Celery takes 2.1 times asyncio's CPU`."""
    if row.cpu is None or not row.cpu.ratio or row.cpu.standing not in ("first", "second", "equal"):
        return ""
    if row.cpu.standing == "equal":
        return f"as much CPU as {one.base.side}"
    return f"{plainly(row.cpu.ratio)} times {one.base.side}'s CPU"


def _row(results: Results, one: Varied, first: Cell, second: Cell) -> OverviewRow:
    """`http_date, chunk-32 against celery-asyncio`."""
    parties = (_party(one, first), _party(one, second))
    speed = next(iter(ranked_by(one.base)), THROUGHPUT)
    why = unranked(first, second, speed)
    return OverviewRow(
        name=f"{row_of(results, one.view, one.base)}, {parties[0].name} against {parties[1].name}",
        subject=workload_of(results, one.base),
        first=parties[0],
        second=parties[1],
        what=speed.name,
        speed=Effect("untold", why=why) if why else _effect(one, first, second, speed) or Effect("untold"),
        cpu=_effect(one, first, second, CPU),
        doubts=kinds_of((first, second)),
    )


def _party(one: Varied, cell: Cell) -> Party:
    name = one.setting if cell is one.best else cell.name
    return Party(name, cell.label, cell.side)


def _effect(one: Varied, first: Cell, second: Cell, metric: Metric) -> Effect | None:
    """Judged together with the other numbers that were tried."""
    others = one.tried if first is one.plain else [*one.tried, one.plain]
    made = against(one.view, first, [cell for cell in others if cell is not first], metric)
    return next((effect_of(each) for each in made if each.contender == second.label), None)
