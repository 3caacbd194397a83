"""The event loop of work that runs in the driver: how far it was held, and the doubt where it was blocked."""

from harness.accounting.bottleneck import EVENT_LOOP, busiest_core
from harness.driver.messages import Recording
from harness.results.model import Doubt, Usages
from harness.statistics.load_doubts import of_loop

COMPUTED_MOST = 0.5
"""A loop that was held, and used no more than this share of that time to compute, waited in calls that block."""
SHORT_S = 0.002
"""CPU-seconds that a request may take for its callbacks to be called short."""
PILES_MOST = 2.0
"""No round is longer than so many times what a callback of every client takes, if all callbacks are short."""


def held(recording: Recording, usage: Usages, clients: int | None, per_s: float) -> float:
    """Share of the window in which nothing else could run: held for long at a time, or by calls that wait.

    Many short callbacks that compute are the driver's core, not this. `clients`: of a closed load; `per_s`: requests
    per second.
    """
    blocked, busy = recording.loop_blocked or 0.0, recording.loop_busy or 0.0
    if busiest_core(usage.driver) <= COMPUTED_MOST * busy:
        return max(blocked, busy)
    return 0.0 if _are_piles(recording, usage, clients, per_s) else blocked


def doubts_of(recording: Recording, usage: Usages, clients: int | None, per_s: float, limit: str | None) -> list[Doubt]:
    """Where it was blocked; `limit`: what limited the trial."""
    if limit != EVENT_LOOP and _are_piles(recording, usage, clients, per_s):
        return []
    return of_loop(recording.loop_blocked, recording.loop_busy, recording.loop_lag, limit == EVENT_LOOP)


def _are_piles(recording: Recording, usage: Usages, clients: int | None, per_s: float) -> bool:
    """Whether the longest round was one short callback for each of many clients whose replies arrived together."""
    lag = recording.loop_lag
    if lag is None or clients is None or per_s <= 0:
        return False
    each_s = busiest_core(usage.driver) / per_s
    return each_s <= SHORT_S and lag.max / 1000 <= PILES_MOST * clients * each_s
