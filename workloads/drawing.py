"""Times that are drawn at random and whose mean is nevertheless known exactly."""

import random

DRAWS = 100


def exponential(seed: str) -> list[float]:
    """A hundred draws with a mean of exactly 1: that of a hundred independent ones would be off by a tenth."""
    drawn = [random.Random(f"{seed}.{number}").expovariate(1) for number in range(DRAWS)]
    mean = sum(drawn) / DRAWS
    return [value / mean for value in drawn]
