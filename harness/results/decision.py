"""What `workbench decide` was asked, found and chose: the part of the document beside its cells."""

from typing import Any

import msgspec

from harness.results.base import Frozen, Side

LOOK, ALONE, FULL = "look", "one request alone", "pools in full use"
RATE, MOST = "at your rate", "the highest rate"
"""Names of the views that its phases measure, in their order."""
CRASH = "in a crash"
"""That of the phase in which processes are killed, where there is time for it."""


class Function(Frozen, frozen=True, kw_only=True):
    """The job's function on one side."""

    side: Side
    name: str
    """Module and name, as Python has them."""
    place: str
    """`FILE:LINE`."""
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    """Options of the task that differ from Celery's defaults."""


class Spoiler(Frozen, frozen=True, kw_only=True):
    """Something in the job that spoils the comparison."""

    kind: str
    side: Side
    text: str
    """What was found, or seen at run time."""
    place: str = ""
    """`FILE:LINE`; empty if it is not known."""
    advice: str


class Pool(Frozen, frozen=True, kw_only=True):
    """A Celery pool that was tried."""

    contender: str
    """With its slots."""
    taken: bool
    why: str
    """Why it was taken, or why not."""


class Decision(Frozen, frozen=True, kw_only=True):
    """All that the card needs and no cell says."""

    job: str
    """The workload."""
    functions: list[Function] = msgspec.field(default_factory=list)
    replies: str = ""
    """Whether the first replies of both sides are equal, with one of them; empty until both are known."""
    spoilers: list[Spoiler] = msgspec.field(default_factory=list)
    pools: list[Pool] = msgspec.field(default_factory=list)
    rate_per_s: float | None = None
    """Arrivals a second in the view `at your rate`; null until it is known."""
    rate_from: str = ""
    """Where that rate comes from."""
    wanted_per_s: float | None = None
    """The rate that was asked for, where it is beyond all sides, so that they were compared at `rate_per_s`."""
    beyond: dict[str, float] = msgspec.field(default_factory=dict)
    """Contender that the rate asked for is far beyond → about the most that it can do. It was not measured at it."""
    limit: str | None = None
    """What the p99 must stay below, such as `p99<250ms`; null until it is known."""
    limit_from: str = ""
    """Where that limit comes from."""
    late: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    """Contender → requests at the rate that were later than the limit, or not answered well; and all of them. Trials
    that were not measured, or not at rest, are left out."""
    failing: float = 0.0
    """Share of the requests that raised on either side without a load: the job fails them itself, and they are not
    counted as late."""
    at_most: int | None = None
    """The most calls of the job that were allowed."""
    left_out: list[str] = msgspec.field(default_factory=list)
    """What was not measured, with the reason."""

    @property
    def pool(self) -> str | None:
        """The Celery pool that was taken, with its slots."""
        return next((pool.contender for pool in self.pools if pool.taken), None)
