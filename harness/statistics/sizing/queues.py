"""How long requests wait for one of several servers: the textbook's formulas, and the recursion for any service time.

Sources: Erlang (1917) for the chance of waiting; Allen (1978) and Cunneen for its correction by variation; Kiefer and
Wolfowitz (1955) for the recursion, which is exact for the arrivals and service times that it is given.
"""

import heapq
import math
import random
from collections.abc import Iterable, Sequence
from statistics import fmean, pvariance

DRAWN = 20_000
"""Arrivals that are drawn: 200 lie beyond a p99."""
SETTLING = 0.1
"""Share of them that is left out: a queue begins empty."""


def erlang_c(servers: int, offered: float) -> float:
    """The chance that an arrival must wait, M/M/c. `offered`: arrival rate × mean service time, in servers.

    By the recursion of Erlang's B formula, which needs no factorials; 1 where the servers are not enough.
    """
    if offered >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def mean_wait_s(servers: int, rate_per_s: float, services_s: Sequence[float]) -> float:
    """The mean wait, M/G/c, by Allen and Cunneen: that of M/M/c × (1 + the squared variation of the service) ÷ 2."""
    service_s = fmean(services_s)
    offered = rate_per_s * service_s
    if offered >= servers:
        return math.inf
    varied = pvariance(services_s, service_s) / service_s**2 if service_s else 0.0
    return erlang_c(servers, offered) * service_s / (servers - offered) * (1 + varied) / 2


def waits_s(servers: int, arrivals_s: Iterable[float], services_s: Iterable[float]) -> list[float]:
    """How long each waits, first come, first served: the recursion of Kiefer and Wolfowitz."""
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
