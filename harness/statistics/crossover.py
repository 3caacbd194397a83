"""Where two lines cross, and within which bounds, when each of their points has an interval. Pure functions.

The bounds come from inverting the test: a value of the number belongs to the interval if the ratio there may be 1.
Source: Fieller (1954), "Some problems in interval estimation", which does so for the root of a straight line.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple, Self

from harness.results.base import Interval
from harness.statistics.verdicts import UNDECIDED, said_by


class Contrast(NamedTuple):
    """Two contenders at one number above 0: first ÷ second, and its 95 % interval, where known."""

    x: float
    ratio: float
    ci95: Interval | None
    rounds: int = 1
    boots: int = 1

    @property
    def inverse(self) -> Self:
        """Second ÷ first."""
        interval = self.ci95 and (1 / self.ci95[1], 1 / self.ci95[0])
        return self._replace(ratio=1 / self.ratio, ci95=interval)

    @property
    def undecided(self) -> bool:
        """Whether its interval neither leaves out 1 nor is as good as 1; so without an interval."""
        return said_by(self.ci95) == UNDECIDED


class Crossing(NamedTuple):
    """Where the ratio is 1, and between which two numbers that may be; None if no interval is known."""

    at: float
    ci95: Interval | None
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


def comparable(contrasts: Iterable[Contrast]) -> list[Contrast]:
    """The contrasts in order; where some have an interval, without those that have none."""
    every = sorted(contrasts)
    return [contrast for contrast in every if contrast.ci95 is not None] or every


def crossings(contrasts: Iterable[Contrast]) -> Iterator[Crossing]:
    """Each crossing: between a number at which one is clearly ahead and the next at which the other clearly is."""
    given = comparable(contrasts)
    points = [_logs(contrast) for contrast in given]
    clear = [index for index, point in enumerate(points) if point.clear]
    for left, right in pairwise(clear):
        before, after = points[left], points[right]
        if before.middle * after.middle > 0:
            continue
        falls = before.middle > 0
        zeros = [_zero(a.x, a.middle, b.x, b.middle) for a, b in pairwise(points[left : right + 1])]
        roots = [zero for zero in zeros if zero is not None]
        yield Crossing(
            at=math.exp(roots[len(roots) // 2]),
            ci95=_bounds(points[left : right + 1], falls) if given[left].ci95 is not None else None,
            falls=falls,
        )


def _bounds(points: list[_Point], falls: bool) -> Interval | None:
    """Where the ratio may be 1: one end is clear of it at the first of these points, the other at the last."""
    low = _zero(*_band(points[0], falls), *_band(points[1], falls))
    high = _zero(*_band(points[-2], not falls), *_band(points[-1], not falls))
    return None if low is None or high is None else (math.exp(low), math.exp(high))


def first_is_ahead(contrasts: Iterable[Contrast]) -> bool:
    """Whether the first is above at most of the numbers at which the two can be told apart."""
    points = [_logs(contrast) for contrast in comparable(contrasts)]
    return sum(math.copysign(1, point.middle) for point in points if point.clear) >= 0


def _logs(contrast: Contrast) -> _Point:
    low, high = contrast.ci95 or (contrast.ratio, contrast.ratio)
    return _Point(math.log(contrast.x), math.log(low), math.log(contrast.ratio), math.log(high))


def _band(point: _Point, above: bool) -> tuple[float, float]:
    """The end of the interval that is the nearer to 0 where the line lies above it, else where it lies below."""
    return point.x, point.low if above else point.high


def _zero(x: float, y: float, next_x: float, next_y: float) -> float | None:
    """Where the straight line between two points is 0; None if it is not."""
    if y * next_y > 0 or y == next_y:
        return None
    return x + (next_x - x) * y / (y - next_y)
