"""How a proposal is verified on this machine: made so small that it fits, and with a slot fewer. Pure functions.

A proposal is right about the time for which a request takes a slot, or it is wrong. So C slots get arrivals for C − ½:
they keep up, and C − 1 do not.
"""

from collections.abc import Iterable
from typing import NamedTuple

from harness.results.sizing import Proposal
from harness.statistics.sizing.costs import Costs

SLOTS_MOST = 8
"""Of a trial: half a slot of more is less of the rate than what a short trial can tell."""
SLOTS_LEAST = 2
"""With one slot there is none fewer."""
FITS = 0.6
"""Share of this machine's cores, and of the one core of a process and of the broker: beyond, the queue for the CPU
would decide, which other machines would not have."""
SERVED_LEAST = 0.98
"""Share of the arrivals that must be served for a proposal to hold: else a queue grows."""


class Small(NamedTuple):
    """A proposal made smaller: arrivals, evenly spaced, that so many slots can serve and one fewer cannot."""

    contender: str
    slots: int
    rate_per_s: float
    slot_s: float


def largest(of: Iterable[tuple[Costs, Proposal]], cores: float) -> Small | None:
    """The largest that fits, over all proposals; of equals, the one that takes the most CPU.

    None where none does with two slots.
    """
    fitting = [(small, costs) for costs, proposal in of if (small := smaller(costs, proposal, cores)) is not None]
    return max(fitting, key=lambda each: (each[0].slots, each[1].all_cpu_s), default=(None, None))[0]


def smaller(costs: Costs, proposal: Proposal, cores: float) -> Small | None:
    """As many slots as fit; None if two do not."""
    for slots in range(min(proposal.slots, SLOTS_MOST), SLOTS_LEAST - 1, -1):
        rate_per_s = (slots - 0.5) / costs.slot_s
        if (
            rate_per_s * costs.all_cpu_s <= FITS * cores
            and rate_per_s * costs.core_s <= FITS
            and rate_per_s * costs.broker_s <= FITS
        ):
            return Small(costs.contender, slots, float(f"{rate_per_s:.3g}"), costs.slot_s)
    return None


def kept_up(served_per_s: float | None, rate_per_s: float) -> bool:
    """Whether the queue did not grow, by what was served."""
    return served_per_s is not None and served_per_s >= SERVED_LEAST * rate_per_s
