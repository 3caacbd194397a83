"""Student's t: its quantiles, and how likely a value as far out is. Pure functions.

Checked against scipy in the tests. scipy itself weighs over 100 MB, and mpmath takes 25 times as long for a value
(0.85 ms against 0.03 ms): after each trial, the ratios of all rows so far are judged again.
"""

import math
from functools import cache

TINY = 1e-300
"""In place of a 0 by which a continued fraction would be divided."""
STEPS_MOST = 10_000
CLOSE = 1e-16
HALVINGS = 60
LOG_T = (-20.0, 60.0)
"""Between these, the logarithm of every quantile in use lies: for one degree of freedom and 10⁻⁹ it is 20.3."""


@cache
def t_quantile(degrees: float, alpha: float = 0.05) -> float:
    """The t beyond which both tails together hold `alpha`, for degrees of freedom from 1 on, fractions too."""
    low, high = LOG_T
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if p_value(math.exp(middle), degrees) > alpha:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def p_value(t: float, degrees: float) -> float:
    """What both tails beyond ±t hold: I_x(ν/2, 1/2), the regularised incomplete beta function, at x = ν / (ν + t²).

    Source: Abramowitz and Stegun, 26.7.1.
    """
    x, rest = degrees / (degrees + t * t), t * t / (degrees + t * t)
    if x == 0 or rest == 0:
        return x
    a, b = degrees / 2, 0.5
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, rest) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (Abramowitz and Stegun, 26.5.8), by Lentz's method."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    product = d
    for m in range(1, STEPS_MOST):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            product *= c * d
        if abs(c * d - 1) < CLOSE:
            break
    return product


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
