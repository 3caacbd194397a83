"""When a series that was started from nothing has come to rest. Pure functions."""

import itertools
import math
from collections.abc import Sequence

SAMPLES_LEAST = 40
"""Fewer samples tell nothing about a trend."""
LEFT_LEAST = 5
"""The mean of fewer samples than these is no estimate, so that a cut so late is never the best one."""


def transient(samples: Sequence[float]) -> int:
    """How many of the first samples belong to the transient: the marginal standard error rule (MSER).

    The cut that makes the standard error of the mean of what is left the smallest. Source: White (1997), "An effective
    truncation heuristic for bias reduction in simulation output", Simulation 69(6).
    """
    best, cut = math.inf, 0
    total = squares = 0.0
    for left, value in enumerate(reversed(samples), start=1):
        total += value
        squares += value * value
        error = max(0.0, squares - total * total / left) / left**2
        if left >= LEFT_LEAST and error <= best:
            best, cut = error, len(samples) - left
    return cut


def is_at_rest(samples: Sequence[float]) -> bool:
    """Whether evenly spaced samples show a transient that is over: it is in their first half, and no trend follows.

    A cut in the second half means that the series has not settled, or is too short to tell (White 1997).
    """
    if len(samples) < SAMPLES_LEAST:
        return False
    return transient(samples) <= len(samples) // 2 and not grows_steadily(samples[len(samples) // 2 :])


def grows_steadily(samples: Sequence[float]) -> bool:
    """Whether each quarter's mean is above the last one's, by more than its values scatter about it."""
    size = len(samples) // 4
    quarters = [samples[part * size : (part + 1) * size] for part in range(4)]
    means = [math.fsum(quarter) / size for quarter in quarters]
    scatter = max(
        math.sqrt(math.fsum((value - mean) ** 2 for value in quarter) / size)
        for quarter, mean in zip(quarters, means, strict=True)
    )
    steadily = all(before < after for before, after in itertools.pairwise(means))
    return steadily and means[3] - means[0] > 2 * scatter
