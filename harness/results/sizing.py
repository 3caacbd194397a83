"""What `workbench size` was asked, proposes and has verified: the part of the document beside its cells."""

from typing import Literal

import msgspec

from harness.results.base import Frozen, Side

ALONE, FULL, VERIFIED = "one request alone", "in full use", "the proposal, and a slot fewer"
"""Names of the views that it measures, in their order."""


class Proposal(Frozen, frozen=True, kw_only=True):
    """How much of one contender serves the rate."""

    contender: str
    side: Side
    slots: int
    """Requests that can be executed at once, over all processes; on asyncio, the limit of a semaphore."""
    processes: int
    """Workers; on asyncio, processes with an event loop each."""
    slots_each: int
    """Slots of each of them."""
    cores: float
    """Cores that caller, broker and workers keep busy at the rate, divided by the utilisation that is planned for."""
    machines: int
    """Like this one, by cores and by memory."""
    memory_mb: float
    """Of what executes."""
    slots_busy: float
    """Share of the slots that are taken on average."""
    core_busy: float
    """How busy the core of each process is."""
    caller_cores: float
    """Cores that publishing and reading results keep busy, in the processes that call; 0 on asyncio."""
    broker_busy: float
    """Share of the broker's one core; above 1, one broker is not enough."""
    broker_calls_per_s: float | None = None
    """Commands a second of a Redis of the run's own."""
    broker_most_per_s: float | None = None
    """The rate at which the broker's one core is used up; null without a broker."""
    p99_ms: float
    """To expect, by drawn arrivals."""
    misses: bool = False
    """Whether no number of slots and processes was found that holds the limit."""
    bill_per_million: float | None = None
    """Price of the cores for a million requests, in the currency of the price that was given."""
    slot_ms: float
    """For how long a request takes a slot: the mean."""
    core_ms: float
    """CPU of a request on the core of a process."""
    cpu_ms: float
    """CPU of a request altogether: caller, broker and workers."""
    outside_ms: float
    """What a request takes beyond its slot while it is alone."""


class Verified(Frozen, frozen=True, kw_only=True):
    """A proposal made smaller so that it fits on this machine, or that with a slot fewer, as it was seen."""

    contender: str
    """With its slots."""
    rate_per_s: float
    should_hold: bool
    held: bool | None
    """Whether its queue did not grow; null where that could not be told."""
    why: str
    """What was seen."""
    served_per_s: float | None
    p99_ms: float | None
    grew: float | None = None
    """By how many seconds replies became later, each second; null in a document before 1.12, or with too few."""
    tries: int = 1
    """Trials until that could be told, the last of which this is."""
    disturbed: bool = False
    """Whether others used the machine meanwhile, so that it proves nothing against the proposal."""

    @property
    def as_proposed(self) -> bool:
        """Whether it went as the proposal said."""
        return self.held is self.should_hold

    @property
    def is_known(self) -> bool:
        """Whether it proves anything."""
        return self.held is not None and (self.as_proposed or not self.disturbed)


class Sizing(Frozen, frozen=True, kw_only=True):
    """All that the answer needs and no cell says."""

    job: str
    """The workload with its parameters, or the times that were given."""
    rate_per_s: float
    utilisation: float
    """Share of slots and cores that is planned to be busy at the rate."""
    limit_ms: float | None = None
    """What the p99 must stay below; null if nothing was asked for."""
    price: float | None = None
    """Of a core for an hour, in whatever currency."""
    proposals: list[Proposal] = msgspec.field(default_factory=list)
    left_out: list[str] = msgspec.field(default_factory=list)
    """What has no proposal, or was not verified, with the reason."""
    asked_to_verify: bool = False
    verified: list[Verified] = msgspec.field(default_factory=list)

    @property
    def verdict(self) -> Literal["right", "wrong", "undecided", "not verified"]:
        """Whether the trials went as the proposal said: wrong if one surely did not, undecided if one does not tell."""
        if not self.verified:
            return "not verified"
        known = [trial for trial in self.verified if trial.is_known]
        if not all(trial.as_proposed for trial in known):
            return "wrong"
        return "right" if len(known) == len(self.verified) else "undecided"
