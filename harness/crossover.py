"""Where two lines cross, and within which bounds, when each of their points has an interval. Pure functions.

The bounds come from turning the test round: a value of the number belongs to the interval if the ratio there may be 1.
Source: Fieller (1954), "Some problems in interval estimation", which does so for the root of a straight line.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

Ends = tuple[float | None, float | None]


class Contrast(NamedTuple):
    """Two contenders at one number above 0: first ÷ second, and the 95 % interval of that, where there is one."""

    x: float
    ratio: float
    ci95: tuple[float, float] | None


class Crossing(NamedTuple):
    """Where the ratio is 1; it may be so anywhere between the ends, of which one that is None is outside the range."""

    at: float
    ci95: Ends | None
    falls: bool
    """Whether the ratio is above 1 before."""


class _Point(NamedTuple):
    """A contrast on log scales, on which lines are straight."""

    x: float
    low: float
    middle: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether its interval leaves out a ratio of 1."""
        return self.low > 0 or self.high < 0


def crossings(contrasts: Iterable[Contrast]) -> Iterator[Crossing]:
    """Each, in order; lines that touch without being clearly apart on both sides have at most one."""
    given = sorted(one for one in contrasts if one.ratio != 1)
    known = all(one.ci95 is not None for one in given)
    points = [_logs(one) if known else _logs(one._replace(ci95=None)) for one in given]
    ends = [index for index, point in enumerate(points) if point.clear or index in (0, len(points) - 1)]
    for left, right in pairwise(ends):
        before, after = points[left], points[right]
        if before.middle * after.middle >= 0:
            continue
        falls = before.middle > 0
        roots = [_zero(a.x, a.middle, b.x, b.middle) for a, b in pairwise(points[left : right + 1])]
        found = [root for root in roots if root is not None]
        low = _zero(*_band(points[left], falls), *_band(points[left + 1], falls)) if before.clear else None
        high = _zero(*_band(points[right - 1], not falls), *_band(points[right], not falls)) if after.clear else None
        yield Crossing(
            at=math.exp(found[len(found) // 2]),
            ci95=(None if low is None else math.exp(low), None if high is None else math.exp(high)) if known else None,
            falls=falls,
        )


def unclear(contrasts: Iterable[Contrast]) -> list[float]:
    """Numbers at which the two cannot be told apart."""
    return [one.x for one in sorted(contrasts) if one.ci95 is not None and not _logs(one).clear]


def _logs(one: Contrast) -> _Point:
    low, high = one.ci95 or (one.ratio, one.ratio)
    return _Point(math.log(one.x), math.log(low), math.log(one.ratio), math.log(high))


def _band(point: _Point, above: bool) -> tuple[float, float]:
    """The end of the interval that is the nearer to 0 where the line lies above it, else where it lies below."""
    return point.x, point.low if above else point.high


def _zero(x: float, y: float, next_x: float, next_y: float) -> float | None:
    """Where the straight line between two points is 0; None where it is not."""
    if y * next_y > 0 or y == next_y:
        return None
    return x + (next_x - x) * y / (y - next_y)
