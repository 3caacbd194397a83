"""What a surge left behind, in the results document."""

from harness.results.base import Frozen


class Surge(Frozen, frozen=True, kw_only=True):
    """Arrivals at a rate, several times as many for a time, then the rate again."""

    peak: int
    """The most requests that were due and not answered, at 41 moments of the trial."""
    recovered_s: float | None
    """From the end of the surge until no more were under way than at the most before it; null if that did not come."""
    watched_s: float
    """For how long after the surge that was watched."""
