"""What queueing theory says of slots that serve requests in the order of their arrival. Pure functions."""

import heapq
import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np


def kiefer_wolfowitz(arrivals: Iterable[int], service: int | Iterable[int], slots: int) -> list[int]:
    """The wait of each request before a slot takes it, for `slots` slots, each busy `service` a request.

    `service`: the same for all, or that of each request.

    `arrivals` in order, in any unit; waits in the same. The recursion of Kiefer and Wolfowitz (1955): each request
    goes to the slot that is free first.
    """
    free_at = [0] * slots
    services = itertools.repeat(service) if isinstance(service, int) else service
    waits = []
    for arrival, busy in zip(arrivals, services, strict=False):
        begin = max(arrival, free_at[0])
        heapq.heapreplace(free_at, begin + busy)
        waits.append(begin - arrival)
    return waits


def recovery(arrivals: Sequence[int], service: int, slots: int, lasts: int, look: int) -> int | None:
    """How long after a surge no more is under way than at the most before it; None if that never comes.

    The surge lasts from `lasts` to twice that after the first arrival; it is looked at every `look`. All in one unit.
    """
    began = arrivals[0]
    waits = kiefer_wolfowitz(arrivals, service, slots)
    ends = np.sort([arrival + wait + service for arrival, wait in zip(arrivals, waits, strict=True)])
    moments = np.arange(began, ends[-1] + look, look)
    under_way = np.searchsorted(arrivals, moments, "right") - np.searchsorted(ends, moments, "right")
    usual = max(1, int(under_way[moments < began + lasts].max()))
    over = moments[(moments >= began + 2 * lasts) & (under_way <= usual)]
    return int(over[0]) - began - 2 * lasts if len(over) else None


def erlang_c(slots: int, load: float) -> float:
    """The chance that a request must wait in M/M/c; `load` in erlangs (arrival rate × service time)."""
    terms = [load**k / math.factorial(k) for k in range(slots)]
    last = load**slots / math.factorial(slots) * slots / (slots - load)
    return last / (sum(terms) + last)


def mean_wait_mdc(slots: int, utilisation: float, service: float) -> float:
    """The mean wait in M/D/c in the long run, by Cosmetatos' correction (1975) of half the wait in M/M/c.

    Exact for one slot (Pollaczek and Khinchine), within about 1 % for more.
    """
    wait_mmc = erlang_c(slots, slots * utilisation) * service / (slots * (1 - utilisation))
    correction = (1 - utilisation) * (slots - 1) * (math.sqrt(4 + 5 * slots) - 2) / (16 * utilisation * slots)
    return wait_mmc / 2 * (1 + correction)
