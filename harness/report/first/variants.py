"""A view about one setting of a contender, tried with several numbers: what the best of them gains, and what is left.

Such as the payloads of a task: `celery-asyncio`, and the same with `chunk-4`, `chunk-16` and `chunk-32`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.report.doubted import kinds_of
from harness.report.first.certainty import doubted, known, of_rows, seen_in
from harness.report.first.effects import effect_of
from harness.report.first.headline import fitting, qualifiers
from harness.report.first.screen import Certainty, Effect, OverviewRow, Party
from harness.report.first.sizes import plainly
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
AS_MUCH = "as much"


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
    uncertain = qualifiers([row._replace(speed=row.cpu or row.speed) for row in (gain, left)])
    return fitting(_headlines(one, gain, left, without), uncertain=uncertain), _certainty(one, gain, left)


def _headlines(one: Varied, gain: OverviewRow, left: OverviewRow, without: OverviewRow) -> Iterator[str]:
    """From what says most to what is always known."""
    name, side, base = one.setting, one.plain.side.capitalize(), one.base.side
    takes = f"{gain.subject}: {side} takes"
    with_it, alone = _times(left), _times(without)
    if with_it and alone:
        yield f"{takes} {_of(with_it, base)} with {name}, {alone} without"
    elif alone:
        yield f"{takes} {_of(alone, base)} without {name}; with it undecided"
    if gain.cpu and gain.cpu.times and gain.cpu.standing == "first":
        text = f"{takes} {plainly(gain.cpu.times)} times the CPU without {name}"
        yield f"{text}; against {base} undecided"
        yield text
    yield f"{gain.subject}: undecided whether {side} takes less CPU with {name}"


def _of(times: str, base: str) -> str:
    """`2.1 times asyncio's CPU`, `as much CPU as asyncio`."""
    return f"as much CPU as {base}" if times == AS_MUCH else f"{times} {base}'s CPU"


def _times(row: OverviewRow) -> str:
    """`2.1 times`, `as much`; empty where that is not known."""
    if row.cpu is None or not row.cpu.ratio or row.cpu.standing not in ("first", "second", "equal"):
        return ""
    return AS_MUCH if row.cpu.standing == "equal" else f"{plainly(row.cpu.ratio)} times"


def _certainty(one: Varied, gain: OverviewRow, left: OverviewRow) -> Certainty:
    """Which side, even with the setting; and which number of it, on the other one."""
    rows, on_it = [left, gain], f"on {one.plain.side.capitalize()}, "
    gained = ", ".join(known([gain]))
    sure = "; ".join(filter(None, [seen_in(rows), *known([left]), gained and on_it + gained, doubted(rows)]))
    return Certainty(f"{of_rows([left]).use}; {on_it}{of_rows([gain]).use}", sure)


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
