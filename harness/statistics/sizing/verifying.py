"""How a proposal is verified on this machine: made so small that it fits, and with a slot fewer. Pure functions.

A proposal is right about the time for which a request takes a slot, or it is wrong. So C slots get arrivals for C − ½:
they keep up, and C − 1 do not. A queue that cannot be worked off makes each reply later than the last, at a rate that
follows from the slots that are missing; one that only wanders, or that a pause made longer for a while, does not.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.results.sizing import Proposal
from harness.results.trials import Timeline
from harness.statistics.sizing.costs import Costs
from harness.statistics.student import t_quantile

SLOTS_MOST = 8
"""Of a trial: half a slot of more is less of the rate than what a short trial can tell."""
SLOTS_LEAST = 2
"""With one slot there is none fewer."""
RATE_MOST_PER_S = 1_000_000
"""Of an open load."""
FITS = 0.6
"""Share of this machine's cores, and of the one core of a process and of the broker: beyond, the queue for the CPU
would decide, which other machines would not have."""
SOLVING = 20
"""Steps to a rate that changes no more: each is a small part of the one before."""
BLOCKS = 5
"""Parts of a window whose mean latencies show a trend: so long that what one wave of requests does stays in one."""
GROWS, HOLDS = 0.1, 0.5
"""Of the growth that a missing slot makes: what is surely above the first grows, what is surely below the second does
not."""


class Small(NamedTuple):
    """A proposal made smaller: arrivals, evenly spaced, that so many slots can serve and one fewer cannot."""

    contender: str
    slots: int
    rate_per_s: float
    slot_s: float

    @property
    def growth(self) -> float:
        """By how many seconds a reply is later than one a second before, with a slot fewer: half a slot is missing."""
        return 0.5 / (self.slots - 0.5)


def largest(of: Iterable[tuple[Costs, Proposal]], cores: float) -> Small | None:
    """The largest that fits, over all proposals; of equals, the one that takes the most CPU.

    None where none does with two slots.
    """
    fitting = [(small, costs) for costs, proposal in of if (small := smaller(costs, proposal, cores)) is not None]
    return max(fitting, key=lambda each: (each[0].slots, each[1].all_cpu_s), default=(None, None))[0]


def smaller(costs: Costs, proposal: Proposal, cores: float) -> Small | None:
    """As many slots as fit; None if two do not, or if no driver could bring so many requests."""
    if not costs.slot_s * RATE_MOST_PER_S >= SLOTS_MOST:
        return None
    for slots in range(min(proposal.slots, SLOTS_MOST), SLOTS_LEAST - 1, -1):
        rate_per_s = _rate_per_s(costs, slots - 0.5)
        if (
            rate_per_s * costs.all_cpu_s <= FITS * cores
            and rate_per_s * costs.core_s <= FITS
            and rate_per_s * costs.broker_s <= FITS
        ):
            return Small(costs.contender, slots, float(f"{rate_per_s:.3g}"), costs.held_s(rate_per_s))
    return None


def _rate_per_s(costs: Costs, slots: float) -> float:
    """What keeps so many slots busy, on one core: the more come, the longer each takes its slot."""
    rate_per_s = slots / costs.slot_s
    for _ in range(SOLVING):
        rate_per_s = slots / costs.held_s(rate_per_s)
    return rate_per_s


class Trend(NamedTuple):
    """Of latencies: seconds each second."""

    growth: float
    error: float
    """Half of its 95 % interval."""


def trend(timeline: Timeline | None) -> Trend | None:
    """By least squares over the means of equal parts of the window; None where a part has no reply.

    Single slices are not independent: a queue that is long stays so for a while.
    """
    if timeline is None:
        return None
    each = len(timeline.ok) // BLOCKS
    points = []
    for first in range(0, each * BLOCKS, each):
        replies = [
            (number, ok, ms / 1000)
            for number, (ok, ms) in enumerate(zip(timeline.ok, timeline.mean_ms, strict=True))
            if first <= number < first + each and ms is not None
        ]
        if not (count := sum(ok for _, ok, _ in replies)):
            return None
        at_s = sum((number + 0.5) * timeline.slice_s * ok for number, ok, _ in replies) / count
        points.append((at_s, sum(ok * latency_s for _, ok, latency_s in replies) / count))
    return _line(points)


def _line(points: Sequence[tuple[float, float]]) -> Trend:
    """The slope of the line through them."""
    middle_s = math.fsum(at_s for at_s, _ in points) / len(points)
    mean_s = math.fsum(latency_s for _, latency_s in points) / len(points)
    spread = math.fsum((at_s - middle_s) ** 2 for at_s, _ in points)
    slope = math.fsum((at_s - middle_s) * (latency_s - mean_s) for at_s, latency_s in points) / spread
    rest = math.fsum((latency_s - mean_s - slope * (at_s - middle_s)) ** 2 for at_s, latency_s in points)
    degrees = len(points) - 2
    return Trend(slope, t_quantile(degrees) * math.sqrt(rest / degrees / spread))


def keeps_up(small: Small, seen: Trend | None) -> bool | None:
    """Whether the queue does not grow; None where that cannot be told."""
    if seen is None:
        return None
    if seen.growth - seen.error > GROWS * small.growth:
        return False
    return True if seen.growth + seen.error < HOLDS * small.growth else None
