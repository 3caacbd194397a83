"""Times that are drawn at random and whose mean is nevertheless known exactly."""

import math
import random
from statistics import NormalDist

DRAWS = 100
LOGNORMAL_SIGMA = math.sqrt(math.log(2))
"""With a standard deviation as large as the mean."""


def exponential(seed: str) -> list[float]:
    """A hundred draws with a mean of exactly 1: that of a hundred independent ones would be off by a tenth."""
    return _of_mean_one([random.Random(f"{seed}.{number}").expovariate(1) for number in range(DRAWS)])


def lognormal(seed: str) -> list[float]:
    """The same of a log-normal distribution: most are short, a few take five times as long as the mean.

    By its quantiles in an order that is drawn: how long the longest one is would be an accident of a hundred draws.
    """
    normal = NormalDist(sigma=LOGNORMAL_SIGMA)
    drawn = [math.exp(normal.inv_cdf((number + 0.5) / DRAWS)) for number in range(DRAWS)]
    random.Random(seed).shuffle(drawn)
    return _of_mean_one(drawn)


def fixed(_seed: str) -> list[float]:
    """A hundred times 1."""
    return [1.0] * DRAWS


BY_NAME = {"fixed": fixed, "exponential": exponential, "lognormal": lognormal}
DRAW_NAMES = tuple(BY_NAME)


def _of_mean_one(drawn: list[float]) -> list[float]:
    mean = sum(drawn) / len(drawn)
    return [value / mean for value in drawn]
