"""What a surge left behind, in the results document."""

import msgspec

from harness.results.base import Frozen


class Surge(Frozen, frozen=True, kw_only=True):
    """What arrivals left behind that were raised for a time."""

    peak: int
    """The most requests that were due and not answered, at 41 moments of the trial."""
    recovered_s: float | None
    """From the end of the surge until no more were under way than at the most before it; null if that did not come."""
    watched_s: float
    """For how long after the surge that was watched."""
    memory_before_mb: dict[str, float] = msgspec.field(default_factory=dict)
    """Role (`driver`, `workers`, `broker`) to the MB that it had right before the surge; empty in a document before
    1.11, or without what was not reported."""
    memory_peak_mb: dict[str, float] = msgspec.field(default_factory=dict)
    """The same at its end, when most waits."""
