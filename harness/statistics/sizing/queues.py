"""How long requests wait for one of several servers, by the recursion of Kiefer and Wolfowitz (1955).

It is exact for the arrivals and service times that it is given.
"""

import heapq
import math
import random
from collections.abc import Iterable, Sequence

DRAWN = 20_000
"""Arrivals that are drawn: 200 lie beyond a p99."""
SETTLING = 0.1
"""Share of them that is left out: a queue begins empty."""


def waits_s(servers: int, arrivals_s: Iterable[float], services_s: Iterable[float]) -> list[float]:
    """How long each waits, first come, first served."""
    free_at = [0.0] * servers
    waits = []
    for arrival_s, service_s in zip(arrivals_s, services_s, strict=False):
        begins_s = max(arrival_s, free_at[0])
        heapq.heapreplace(free_at, begins_s + service_s)
        waits.append(begins_s - arrival_s)
    return waits


def drawn_waits_s(servers: int, rate_per_s: float, services_s: Sequence[float], seed: int) -> list[tuple[float, float]]:
    """Wait and service time of drawn requests: Poisson arrivals, service times drawn from those that were seen."""
    draw = random.Random(seed)
    now, arrivals = 0.0, []
    for _ in range(DRAWN):
        now += draw.expovariate(rate_per_s)
        arrivals.append(now)
    services = draw.choices(services_s, k=DRAWN)
    waits = waits_s(min(servers, DRAWN), arrivals, services)  # so many requests use no more
    return list(zip(waits, services, strict=True))[round(SETTLING * DRAWN) :]


def percentile(values: Iterable[float], percent: float) -> float:
    """The least value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
