"""What a request costs on one contender: the only figures that a proposal is made from. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from harness.results.model import Side

BUSY_MOST = 0.95
"""No core is planned to be busier."""


class Costs(NamedTuple):
    """Of one contender; seconds and megabytes."""

    contender: str
    side: Side
    services_s: Sequence[float]
    """For how long requests took a slot: a sample of all."""
    outside_s: float
    """What a request takes beyond that while it is alone: publishing, the way to a slot, the way back."""
    core_s: float
    """CPU-seconds of a request in the process that has one core: an event loop, a worker's main process, or a whole
    worker where its slots are threads."""
    cpu_s: float
    """CPU-seconds where it is executed: workers, or the process of the coroutines."""
    caller_s: float = 0.0
    """CPU-seconds of publishing it and of reading its result; none where the caller executes it."""
    broker_s: float = 0.0
    """CPU-seconds of the broker, which is one thread."""
    broker_calls: float | None = None
    """Commands that the broker executed for it."""
    process_mb: float = 0.0
    """Memory of a process."""
    forks: bool = False
    """Whether each slot is a process."""
    unhindered: bool = False
    """Whether these times are of requests that did not share their core: among others they also wait for it."""

    @property
    def slot_s(self) -> float:
        """The mean time for which a request takes a slot."""
        return sum(self.services_s) / len(self.services_s)

    def held_s(self, rate_per_s: float) -> float:
        """The same where a core has so many requests a second: what computes in a slot waits there for its core.

        By M/D/1, on average.
        """
        if not self.unhindered:
            return self.slot_s
        busy = min(BUSY_MOST, rate_per_s * self.core_s)
        return self.slot_s + busy * self.core_s / (2 * (1 - busy))

    @property
    def all_cpu_s(self) -> float:
        """CPU-seconds of caller, broker and workers."""
        return self.cpu_s + self.caller_s + self.broker_s
