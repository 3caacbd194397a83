"""Where the ratios of an overview lie on its log axis around 1, in percent of the axis: for the page's first screen."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.report.first.screen import Effect, OverviewRow

REACHES = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Ratios that an axis may end at, on both sides of 1."""
TICKS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
TICKS_MOST = 3
"""On each side of 1."""
BEYOND = 4.0
"""So many times beyond the largest ratio, an interval still widens the axis."""


class Mark(NamedTuple):
    """One ratio: its point, the ends of its interval, and the colour."""

    at: float
    low: float
    high: float
    colour: str
    """A side, or `grey` where nothing separates the two or a doubt weighs."""
    cut: str = ""
    """Where the interval goes on beyond the axis: `below`, `above`, `both`; empty where it ends on it."""


class Axis(NamedTuple):
    """An axis with its ticks (place and text) and a mark for each row, None where there is none."""

    ticks: list[tuple[float, str]]
    marks: list[Mark | None]


class Forest(NamedTuple):
    """Both axes of an overview."""

    speed: Axis
    cpu: Axis


def forest(rows: Sequence[OverviewRow]) -> Forest:
    """The first of the two compared is better to the right of 1."""
    return Forest(_axis(rows, [row.speed for row in rows]), _axis(rows, [row.cpu for row in rows]))


def _axis(rows: Sequence[OverviewRow], effects: Sequence[Effect | None]) -> Axis:
    reach = _reach([effect for effect in effects if effect and effect.drawn])
    marks = [_mark(row, effect, reach) for row, effect in zip(rows, effects, strict=True)]
    return Axis(list(_ticks(reach)), marks)


def _reach(effects: Sequence[Effect]) -> float:
    """Where the axis ends: beyond all ratios, and beyond their intervals where these are not endless."""
    ratios = [max(effect.ratio, 1 / effect.ratio) for effect in effects if effect.ratio]
    if not ratios:
        return REACHES[0]
    ends = [max(end, 1 / end) for effect in effects for end in effect.interval or () if end > 0]
    wanted = max([*ratios, *(min(end, BEYOND * max(ratios)) for end in ends)])
    return next((reach for reach in REACHES if reach >= wanted), REACHES[-1])


def _place(ratio: float, reach: float) -> float:
    inside = min(max(ratio, 1 / reach), reach)
    return round(50 * (1 + math.log(inside) / math.log(reach)), 2)


def _mark(row: OverviewRow, effect: Effect | None, reach: float) -> Mark | None:
    if effect is None or not effect.ratio:
        return None
    low, high = effect.interval or (effect.ratio, effect.ratio)
    colour = "grey"
    if not row.doubts and effect.standing in ("first", "second"):
        colour = (row.first if effect.standing == "first" else row.second).side or "change"
    cut = {(True, True): "both", (True, False): "below", (False, True): "above"}.get(
        (low < 1 / reach, high > reach), ""
    )
    return Mark(_place(effect.ratio, reach), _place(low, reach), _place(high, reach), colour, cut)


def _ticks(reach: float) -> Iterator[tuple[float, str]]:
    inside = [tick for tick in TICKS if tick <= reach]
    kept = inside if len(inside) <= TICKS_MOST + 1 else [1.0, *inside[1:][::-2][::-1]]
    for tick in [*(1 / tick for tick in reversed(kept[1:])), *kept]:
        yield _place(tick, reach), f"{max(tick, 1 / tick):g}×" if tick != 1 else "1"
