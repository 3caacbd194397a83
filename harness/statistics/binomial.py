"""The interval of a share that was counted: Clopper and Pearson's. Pure functions."""

import math
from collections.abc import Callable

from harness.statistics.units import percent

CONFIDENCE = 0.95
STEPS = 60
ROUNDING = 1e-9
"""So little beyond a whole percent is that percent."""


def share_interval(times: int, of: int) -> tuple[float, float]:
    """Of an event seen `times` in so many independent trials; raises ValueError for none.

    Where it was seen never or always, the bound is one-sided, with the whole 5 %: 0 of 20 is below 14 %.
    """
    if not 0 <= times <= of or of < 1:
        raise ValueError(f"{times} of {of} is no share")
    one_sided = times in (0, of)
    tail = (1 - CONFIDENCE) / (1 if one_sided else 2)
    low = 0.0 if times == 0 else _root(lambda share: chance_of(times, of, share), tail)
    high = 1.0 if times == of else _root(lambda share: chance_of(times + 1, of, share), 1 - tail)
    return low, high


def share_text(times: int, of: int) -> str:
    """`0 of 20: below 14 %`, `20 of 20: above 86 %`, `3 of 20: 3 to 38 %`: in whole percents, never narrower."""
    low, high = share_interval(times, of)
    least, most = math.floor(100 * low + ROUNDING), math.ceil(100 * high - ROUNDING)
    if times == 0:
        return f"0 of {of}: below {percent(most / 100)}"
    if times == of:
        return f"{of} of {of}: above {percent(least / 100)}"
    return f"{times} of {of}: {least} to {percent(most / 100)}"


def chance_of(least: int, of: int, share: float) -> float:
    """How likely `least` or more of `of` are, each with the chance `share`: the tail of the binomial distribution."""
    return min(1.0, max(0.0, 1.0 - math.fsum(_exactly(number, of, share) for number in range(least))))


def _exactly(number: int, of: int, share: float) -> float:
    """By logarithms: the ways to choose 500 of 2,000 are no float."""
    ways = math.lgamma(of + 1) - math.lgamma(number + 1) - math.lgamma(of - number + 1)
    return math.exp(ways + number * math.log(share) + (of - number) * math.log1p(-share))


def _root(rising: Callable[[float], float], value: float) -> float:
    """Where a function that rises from 0 to 1 has that value."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < value else (low, middle)
    return (low + high) / 2
