"""Intervals and percentiles. Pure functions; mpmath is imported here and nowhere else."""

import math
from collections.abc import Sequence
from functools import cache
from statistics import fmean, geometric_mean, stdev, variance
from typing import Any

CONFIDENCE = 0.95
BELOW_EVERY_T = (1.9, 1.95)
"""No t is below the normal distribution's 1.96. The tails are convex: from below, secants end at the quantile."""
ROUNDS_FOR_VERDICT = 5
SAMPLES_BEYOND = 10
"""A percentile is shown only where at least this many samples lie beyond it."""


def log_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """95 % t interval of the geometric mean of `values` (all > 0); None for fewer than two.

    On logarithms, because rates and ratios are positive and skewed; over trials, never over requests, because
    requests of one trial are not independent. Source: Student's t, one sample; pyperf and Kalibera and Jones
    (2013) say why trials.
    """
    n = len(values)
    if n < 2:
        return None
    logs = [math.log(value) for value in values]
    centre = fmean(logs)
    half = t_quantile(n - 1) * stdev(logs, centre) / math.sqrt(n)
    return math.exp(centre - half), math.exp(centre + half)


def paired_ratio(base: Sequence[float], other: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """`other` ÷ `base`, pair by pair (one pair a round, so that what drifts with time cancels), and its interval."""
    ratios = [b / a for a, b in zip(base, other, strict=True)]
    return geometric_mean(ratios), log_interval(ratios)


def unpaired_ratio(base: Sequence[float], other: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """`other` ÷ `base`, where rounds are not pairs, and its interval; all values > 0.

    Welch's t interval on logarithms, with the degrees of freedom of Welch and Satterthwaite: the two runs need not
    have the same variance. Source: Welch (1947), "The generalization of 'Student's' problem".
    """
    ratio = geometric_mean(other) / geometric_mean(base)
    if len(base) < 2 or len(other) < 2:
        return ratio, None
    parts = [variance([math.log(value) for value in values]) / len(values) for values in (base, other)]
    whole = sum(parts)
    if whole == 0:
        return ratio, (ratio, ratio)
    degrees = whole**2 / sum(p**2 / (len(v) - 1) for p, v in zip(parts, (base, other), strict=True))
    half = t_quantile(degrees) * math.sqrt(whole)
    return ratio, (ratio * math.exp(-half), ratio * math.exp(half))


@cache
def t_quantile(degrees: float) -> float:
    """Two-sided 95 % quantile of Student's t, for degrees of freedom from 1 on, fractions too.

    The t beyond which both tails together hold 5 %. They hold I_x(ν/2, 1/2), the regularised incomplete beta function,
    at x = ν / (ν + t²). Source: Abramowitz and Stegun, 26.7.1.
    """
    from mpmath import betainc, findroot  # 0.1 s, and only a verdict needs it

    def excess(t: Any) -> Any:
        return betainc(degrees / 2, 0.5, 0, degrees / (degrees + t * t), regularized=True) - (1 - CONFIDENCE)

    return float(findroot(excess, BELOW_EVERY_T, solver="secant"))


def percentile_is_known(samples: int, percent: float) -> bool:
    """Whether enough of `samples` lie beyond that percentile to show it."""
    return samples * (100 - percent) / 100 >= SAMPLES_BEYOND - 1e-9
