"""Means of rounds within boots, and how well they are known; percentiles. Pure functions.

The model: a figure's logarithm is mean + boot + round. What a start of the workers brings (memory layout, placement on
cores, what a pool happened to do first) holds for all of its rounds, so rounds of one boot are no independent samples
of it. The mean of each boot is one; the interval is Student's t over them, with boots − 1 degrees of freedom. Boots
with unequal numbers of rounds count alike. Source: Kalibera and Jones (2013), "Rigorous benchmarking in reasonable
time", ISMM: the variance of the means of the highest level holds that of all levels below. For two boots the same
holds: t has one degree of freedom, and its interval is wide because two values tell little. With a single boot there
are only rounds: their interval leaves out what varies between boots, and no verdict comes of it.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, stdev
from typing import NamedTuple

from harness.results.base import Interval
from harness.statistics.student import p_value, t_quantile

ALPHA = 0.05
"""Of intervals and of verdicts: intervals hold 95 %."""
ROUNDS_FOR_VERDICT = 5
BOOTS_FOR_VERDICT = 2
SAMPLES_BEYOND = 10
"""A percentile is shown only where at least this many samples lie beyond it."""
Boots = Sequence[Sequence[float]]
"""The figures of each boot's rounds, all above 0."""


class Estimate(NamedTuple):
    """The mean of a figure or of a ratio, on logarithms, because both are positive and skewed."""

    log: float
    error: float | None
    """Standard error of `log`; None where there are not two values to know it by."""
    degrees: float
    """Degrees of freedom of that error."""
    boots: int
    rounds: int

    @property
    def value(self) -> float:
        """The figure itself."""
        return math.exp(self.log)

    @property
    def enough(self) -> bool:
        """Whether there are enough rounds and boots for a verdict."""
        return self.rounds >= ROUNDS_FOR_VERDICT and self.boots >= BOOTS_FOR_VERDICT

    def interval(self, alpha: float = ALPHA) -> Interval | None:
        """Its interval: 95 %, or as much as `alpha` leaves; None without an error."""
        if self.error is None:
            return None
        half = t_quantile(self.degrees, alpha) * self.error
        return math.exp(self.log - half), math.exp(self.log + half)

    def p_of_one(self) -> float | None:
        """How likely a value as far from 1 would be if the true one were 1; None without an error."""
        if self.error is None:
            return None
        if self.error == 0:
            return float(self.log == 0)
        return p_value(abs(self.log) / self.error, self.degrees)


def by_boot(figures: Iterable[tuple[int, float]]) -> list[list[float]]:
    """Figures with the boots that they are of, boot by boot."""
    boots: dict[int, list[float]] = {}
    for boot, figure in figures:
        boots.setdefault(boot, []).append(figure)
    return list(boots.values())


def estimate(boots: Boots, *, once_a_boot: bool = False) -> Estimate:
    """The geometric mean over boots of the geometric means of their rounds.

    `once_a_boot`: a figure that its boot decides (memory): rounds read the same thing again, and a single boot has no
    interval.
    """
    logs = [[math.log(value) for value in rounds] for rounds in boots]
    rounds = sum(map(len, logs))
    samples = logs[0] if len(logs) == 1 and not once_a_boot else [fmean(of_boot) for of_boot in logs]
    centre, n = fmean(samples), len(samples)
    error = stdev(samples, centre) / math.sqrt(n) if n > 1 else None
    return Estimate(centre, error, n - 1, len(logs), rounds)


def difference(base: Estimate, other: Estimate) -> Estimate:
    """`other` ÷ `base`, of two runs, whose boots and rounds are not pairs.

    The degrees of freedom are those of Welch and Satterthwaite: the runs need not have the same variance. Source: Welch
    (1947), "The generalization of 'Student's' problem when several different population variances are involved".
    """
    log, boots, rounds = other.log - base.log, min(base.boots, other.boots), min(base.rounds, other.rounds)
    if base.error is None or other.error is None:
        return Estimate(log, None, 0, boots, rounds)
    whole = base.error**2 + other.error**2
    parts = base.error**4 / base.degrees + other.error**4 / other.degrees
    degrees = whole**2 / parts if parts else base.degrees + other.degrees
    return Estimate(log, math.sqrt(whole), degrees, boots, rounds)


def paired_ratio(base: Sequence[float], other: Sequence[float]) -> tuple[float, Interval | None]:
    """`other` ÷ `base`, pair by pair (one pair a round, so that what drifts with time cancels), and its interval."""
    ratio = estimate([[b / a for a, b in zip(base, other, strict=True)]])
    return ratio.value, ratio.interval()


def mean_of(values: Sequence[float], boots: Sequence[int]) -> tuple[float, Interval | None]:
    """The mean over boots of the means of their rounds, of figures that may be 0 or less, and its interval."""
    of_boots = by_boot(zip(boots, values, strict=True))
    samples = of_boots[0] if len(of_boots) == 1 else [fmean(rounds) for rounds in of_boots]
    mean, n = fmean(samples), len(samples)
    if n == 1:
        return mean, None
    half = t_quantile(n - 1, ALPHA) * stdev(samples, mean) / math.sqrt(n)
    return mean, (mean - half, mean + half)


def percentile_is_known(samples: int, percent: float) -> bool:
    """Whether enough of `samples` lie beyond that percentile to show it."""
    return samples * (100 - percent) / 100 >= SAMPLES_BEYOND - 1e-9
