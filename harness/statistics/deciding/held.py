"""Whether a limit of a percentile was held over several trials: yes, no, or undecided. Pure functions."""

import math
from typing import Literal

from harness.statistics.binomial import chance_of
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
