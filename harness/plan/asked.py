"""The options of a run as given on the command line: plain values."""

from dataclasses import dataclass, field
from typing import Literal

from harness.services.url import Url

WorkersAre = Literal["embedded", "external"]
"""Whose workers a run uses: its own, or those that wait on its broker."""

COMMAND_LINE = "the command line"
"""As the place of what it gives, where no single option is to blame."""
REPEATS_MOST = 2
"""How often a disturbed trial is measured again, unless another number is given."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the plan of a run is made from; what is empty or None was not given."""

    plan: str = "quick"
    workloads: list[str] = field(default_factory=list)
    contenders: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    duration: str | None = None
    warmup: str | None = None
    requests: int | None = None
    rounds: str | None = None
    boots: int | None = None
    repeats: int = REPEATS_MOST
    find_rate: str | None = None
    time_scale: int | None = None
    """By how much faster work waits; None: as the plan says."""
    settings: list[str] = field(default_factory=list)
    """`WORKLOAD.PARAM=VALUE`."""
    brokers: list[Url] = field(default_factory=list)
    """One of each kind, or several of one kind, which share the requests."""
    shards: int = 1
    """How many brokers of the run's own share the requests."""
    result_backend: Url | None = None
    workers: WorkersAre = "embedded"
    wait: str | None = None
    """How long the run waits for workers that another run has leased."""
    workers_at_most: int | None = None
    """How many workers of a pool it leases."""
    origin: Url | None = None
    allow_remote_origin: bool = False
    origin_processes: int = 1
    drivers: int = 1
    path: list[str] = field(default_factory=list)
    """Folders in which modules of a job of the user's own are also found."""
    allow_remote: bool = False
    """Whether such a job may call other hosts."""
    at_most: int | None = None
    """How often the work may be called altogether."""
    profile: bool = False
    """Whether each row is measured once more while stacks are sampled."""
    why: bool = False
    """Whether it looks for what limits the rate of each row."""

    @property
    def names_cells(self) -> bool:
        """Whether the options define their own view."""
        return bool(self.workloads or self.contenders or self.loads)

    @property
    def place(self) -> str:
        """Where its views come from, for errors."""
        return COMMAND_LINE if self.names_cells else f"plan {self.plan}"

    @property
    def ends_at_bound(self) -> bool:
        """Whether its trials share the calls of `at_most`, so that it may begin without knowing how many they are."""
        return False

    def is_typed(self, option: str) -> bool:
        """Whether an option that has a value was given on the command line, and not by the environment alone."""
        return True

    @property
    def external(self) -> bool:
        """Whether broker, origin and workers were started outside the run."""
        return self.workers == "external"
