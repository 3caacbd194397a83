"""The interval of a share that was counted: Clopper and Pearson's, which never says less than it may."""

import math
from collections.abc import Callable

from harness.statistics.units import percent

CONFIDENCE = 0.95
STEPS = 60


def share_interval(times: int, of: int) -> tuple[float, float]:
    """Of an event seen `times` in so many independent trials; raises ValueError for none.

    Where it was seen never or always, the whole 5 % lie on the one side that is possible: 0 of 20 is below 14 %.
    """
    if not 0 <= times <= of or of < 1:
        raise ValueError(f"{times} of {of} is no share")
    one_sided = times in (0, of)
    tail = (1 - CONFIDENCE) / (1 if one_sided else 2)
    low = 0.0 if times == 0 else _root(lambda share: 1 - _at_most(times - 1, of, share), tail)
    high = 1.0 if times == of else _root(lambda share: 1 - _at_most(times, of, share), 1 - tail)
    return low, high


def share_text(times: int, of: int) -> str:
    """`0 of 20: below 14 %`, `20 of 20: above 86 %`, `3 of 20: 3 to 38 %`."""
    low, high = share_interval(times, of)
    if times == 0:
        return f"0 of {of}: below {percent(high)}"
    if times == of:
        return f"{of} of {of}: above {percent(low)}"
    return f"{times} of {of}: {100 * low:.0f} to {percent(high)}"


def _at_most(times: int, of: int, share: float) -> float:
    """The probability of no more than `times`."""
    return sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(times + 1))


def _root(rising: Callable[[float], float], value: float) -> float:
    """Where a function that rises from 0 to 1 has that value."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < value else (low, middle)
    return (low + high) / 2
