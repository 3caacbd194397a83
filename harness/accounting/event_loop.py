"""The event loop of work that runs in the driver: how far it was held, and the doubt where it was blocked."""

from harness.accounting.bottleneck import EVENT_LOOP, busiest_core
from harness.driver.messages import Recording
from harness.results.model import Doubt, Usages
from harness.statistics.load_doubts import of_loop

COMPUTED_MOST = 0.5
"""A loop that was held, and used no more than this share of that time to compute, waited in calls that block."""


def held(recording: Recording, usage: Usages) -> float:
    """Share of the window in which nothing else could run: held for long at a time, or by calls that wait.

    Many short callbacks that compute are the driver's core, not this.
    """
    blocked, busy = recording.loop_blocked or 0.0, recording.loop_busy or 0.0
    return max(blocked, busy) if busiest_core(usage.driver) <= COMPUTED_MOST * busy else blocked


def doubts_of(recording: Recording, limit: str | None) -> list[Doubt]:
    """Where it was blocked; `limit`: what limited the trial."""
    return of_loop(recording.loop_blocked, recording.loop_busy, recording.loop_lag, limit == EVENT_LOOP)
