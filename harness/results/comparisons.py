"""What the results document says of several cells together: comparisons, and figures over a number."""

from typing import Any, Literal

from harness.results.base import Frozen, Interval, Side
from harness.results.cells import LoadDescription

Verdict = Literal["faster", "slower", "more", "less", "no difference"]


class Comparison(Frozen, frozen=True, kw_only=True):
    """One metric of a contender against the base of its group, over the rounds that both measured."""

    view: str
    """Its name."""
    workload: str
    params: dict[str, Any]
    load: LoadDescription
    base: str
    """Label of the contender that it is compared with."""
    contender: str
    """Label of the contender."""
    metric: str
    ratio: float
    """The contender's figure ÷ the base's, geometric mean over pairs of the same round."""
    ci95: Interval | None
    rounds: int
    """Rounds that both measured."""
    verdict: Verdict | None
    """Null with fewer rounds than a verdict needs (5). In a rung, an effect below 5 % of a speed or 10 % of memory
    is `no difference`."""


class Point(Frozen, frozen=True, kw_only=True):
    """A figure at one value of the number that varies."""

    x: float
    y: float


class Curve(Frozen, frozen=True, kw_only=True):
    """One contender's figure over a number, in the number's order."""

    contender: str
    side: Side
    points: list[Point]


class Crossover(Frozen, frozen=True, kw_only=True):
    """Where two contenders of different sides change places."""

    first: str
    """The one with the higher figure below `at`."""
    second: str
    """The one with the higher figure above."""
    at: float
    """Where their ratio is 1, by straight lines between the measured values on log scales."""
    y: float
    """The figure there."""
    ci95: Interval | None
    """Outside of it the 95 % interval of their ratio is clear of 1; null with fewer than two rounds."""
    rounds: int
    """The fewest over which they were compared at one of the values."""


class NoCrossover(Frozen, frozen=True, kw_only=True):
    """Two contenders of different sides of which one is higher in all of the range, or which cannot be told apart."""

    higher: str
    lower: str
    values: list[float]
    """Those at which they were compared, in order."""
    unclear: list[float]
    """Values at which the 95 % interval of their ratio includes 1; if it is all of them, neither is ahead."""
    rounds: int


class Scaling(Frozen, frozen=True, kw_only=True):
    """A figure of several contenders over one number, all else equal: what a chart of it is drawn from."""

    view: str
    """Its name."""
    over: str
    """The number that varies: `slots`, a setting of the load, or a parameter of the workload, without its unit."""
    unit: str
    """Of that number; may be empty."""
    fixed: str
    """What is equal in all of it."""
    metric: str
    """The figure."""
    curves: list[Curve]
    crossovers: list[Crossover]
    """Of metrics by which the load is ranked, in a view that matches something."""
    without: list[NoCrossover]
    """Of these too, the pairs without a crossover in the range."""
