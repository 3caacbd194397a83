"""What the results document says of several cells together: comparisons, and figures over a number."""

from typing import Any, Literal

import msgspec

from harness.results.base import Frozen, Interval, MetricKey, Ratio, Side
from harness.results.cells import LoadDescription

Verdict = Literal["faster", "slower", "more", "less", "no difference", "undecided"]
"""`no difference`: the whole interval of the ratio lies within ±5 %; `undecided`: it does not, and it includes 1. In
documents before 1.8, `no difference` was said wherever the interval includes 1."""


class Comparison(Frozen, frozen=True, kw_only=True):
    """One metric of a contender against the base of its group, over the rounds that both measured."""

    view: str
    """Name of the view."""
    workload: str
    params: dict[str, Any]
    load: LoadDescription
    base: str
    """Label of the contender that it is compared with."""
    contender: str
    """Label of the contender."""
    metric: MetricKey
    ratio: Ratio
    """The contender's figure ÷ the base's, by pairs of the same round: geometric mean over boots of their rounds."""
    ci95: tuple[Ratio, Ratio] | None
    """Over boots and rounds: 95 %, or more where several comparisons of a group are judged together; null if there is
    only one value: one round, or of memory one boot."""
    rounds: int
    """Number of rounds that both measured."""
    boots: int = 1
    """Number of boots in which these rounds were; 1 in a document before 1.8."""
    family: int = 1
    """Number of comparisons of its group and metric that were judged together, by Holm's procedure."""
    verdict: Verdict | None
    """What `ci95` says; null with fewer rounds than a verdict needs (5), or with a single boot."""


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
    """Where one contender overtakes another, of the other side."""

    first: str
    """The contender with the higher figure below `at`."""
    second: str
    """The contender with the higher figure above `at`."""
    at: float
    """Where their ratio is 1, interpolated linearly between the measured values on log scales."""
    y: float
    """The figure at that point."""
    ci95: Interval | None
    """Outside this interval, the 95 % interval of their ratio excludes 1; null with fewer than two rounds."""
    rounds: int
    """The smallest number of rounds over which they were compared at one of the values."""
    boots: int = 1
    """The smallest number of boots in which these rounds were."""


class RatioAt(Frozen, frozen=True, kw_only=True):
    """A ratio at one value of the number that varies."""

    x: float
    ratio: Ratio
    ci95: tuple[Ratio, Ratio] | None
    """Null with a single round."""


class NoCrossover(Frozen, frozen=True, kw_only=True):
    """Two contenders without a crossover: of different sides, and neither is seen to overtake the other.

    There is none only if nothing is unclear. Else it is undecided.
    """

    higher: str
    lower: str
    values: list[float]
    """Values at which they were compared, in order."""
    unclear: list[float]
    """Values at which the 95 % interval of their ratio includes 1 and is not within ±5 %."""
    ratios: list[RatioAt] = msgspec.field(default_factory=list)
    """Higher ÷ lower at each of the values; empty in a document before 1.8."""
    rounds: int
    boots: int = 1


class Scaling(Frozen, frozen=True, kw_only=True):
    """A figure of several contenders over one number, all else equal: the data of a chart."""

    view: str
    """Name of the view."""
    over: str
    """The number that varies: `slots`, a setting of the load, or a parameter of the workload, without its unit."""
    unit: str
    """Unit of that number; may be empty."""
    fixed: str
    """What is the same for all of its points."""
    metric: MetricKey
    """Key of the metric."""
    curves: list[Curve]
    crossovers: list[Crossover]
    """Only for metrics by which the load is ranked, in a view with matched slots or resources."""
    without: list[NoCrossover]
    """Pairs without a crossover in the range, under the same condition."""
