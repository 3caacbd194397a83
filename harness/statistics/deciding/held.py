"""Whether a limit of a percentile was held over several trials: yes, no, or undecided. Pure functions."""

import math
from typing import Literal

from harness.statistics.intervals import ALPHA

Held = Literal["yes", "no", "undecided"]


def held(late: int, submitted: int, share: float) -> Held:
    """Whether no more than `share` of all requests are late, by `late` of `submitted`.

    `no` only where as many would be late by chance in fewer than one of twenty such runs, if that share were true:
    with few requests, a single late one decides nothing.
    """
    if not submitted:
        return "undecided"
    if late <= math.floor(submitted * share + 1e-9):
        return "yes"
    return "no" if chance_of(late, submitted, share) < ALPHA else "undecided"


def chance_of(least: int, of: int, share: float) -> float:
    """How likely `least` or more of `of` are, each with the chance `share`: the tail of the binomial distribution."""
    return max(0.0, 1.0 - math.fsum(_exactly(number, of, share) for number in range(least)))


def _exactly(number: int, of: int, share: float) -> float:
    ways = math.lgamma(of + 1) - math.lgamma(number + 1) - math.lgamma(of - number + 1)
    return math.exp(ways + number * math.log(share) + (of - number) * math.log1p(-share))
