"""What a trial used, in the results document: CPU and memory by role, CPU quotas, and the machine around them."""

import msgspec

from harness.results.base import Frozen


class Quota(Frozen, frozen=True, kw_only=True):
    """A CPU quota during the window: of the cgroups that bind a role, the one that stopped it the most."""

    cgroup: str
    cores: float
    """What it grants."""
    period_s: float
    burst_s: float = 0.0
    """CPU-seconds that may be saved up for later periods."""
    periods: int
    """Periods in which there was something to run."""
    throttled_periods: int
    """Of these, those in which the quota was used up, so that processes stood still."""
    throttled_s: float
    """How long they stood still, added up over the CPUs."""

    @property
    def throttled(self) -> float:
        """Share of the periods in which it was used up."""
        return self.throttled_periods / self.periods if self.periods else 0.0


class ShardUsage(Frozen, frozen=True, kw_only=True):
    """What one of several brokers of one kind used, over its own interval within the measured window."""

    cpu_s: float
    """Its CPU-seconds."""
    seconds: float
    """Length of the interval."""
    count: int | None
    """Commands that a Redis executed, messages that a RabbitMQ received; null if it does not say."""


class Usage(Frozen, frozen=True, kw_only=True):
    """What one role used, over its own interval within the measured window."""

    cpu_s: float
    """User and system CPU-seconds of all its processes."""
    seconds: float
    """Length of the interval."""
    memory_mb: float | None
    """After the window."""
    memory_kind: str | None
    """`pss` (pages that several processes share count once) or `rss`."""
    processes: int
    main_cpu_s: float | None = None
    """Of cpu_s, the role's first process: for workers the one that talks to the broker."""
    busiest_cpu_s: float | None = None
    """Of cpu_s, the busiest process."""
    connections: int | None = None
    """Connections that clients used in the last second of the window, if the role reports them."""
    accepted: int | None = None
    """Connections that it accepted in that interval, if the role reports them."""
    voluntary_switches: int | None = None
    """Context switches of its threads in that interval, because there was something to wait for; null if not reported,
    or in a document before 1.10."""
    involuntary_switches: int | None = None
    """The same because another process was due."""
    cores: float | None = None
    """Cores that the role may use: its CPUs, or the quota of its cgroups where that is less."""
    quota: Quota | None = None
    """Null if no CPU quota binds it, or in a document before 1.8."""
    shards: list[ShardUsage] = msgspec.field(default_factory=list)
    """Of a broker: of each shard, in the order of their numbers; empty without shards, or in a document before 1.12."""


class Usages(Frozen, frozen=True, kw_only=True):
    """Usage by role: null if the trial had no such role, or if its usage is not known; `missing` says why."""

    driver: Usage | None = None
    workers: Usage | None = None
    broker: Usage | None = None
    origin: Usage | None = None
    missing: dict[str, str] = msgspec.field(default_factory=dict)
    """Role → why its usage is not known."""


class Machine(Frozen, frozen=True, kw_only=True):
    """Other activity on the driver's machine, during the window."""

    seconds: float
    """Length of the window."""
    cpus: int
    """CPUs on which the session's process may run; the figures below are of these."""
    others_cpu_s: float
    """CPU-seconds of processes that are not this run's."""
    steal_s: float
    """CPU-seconds that the hypervisor gave to other machines."""
    frozen_s: float | None = None
    """The longest time in seconds for which the session's process was due to run and did not, or by which its clocks
    went apart: the machine stood still, or others kept all of it."""
    interrupts_cpu_s: float = 0.0
    """CPU-seconds of hardware and software interrupts, where the kernel charges no process for them."""
    own_cpu_s: float | None = None
    """CPU-seconds of all processes of the run that are children of the session, and of the session itself."""
    session_cpu_s: float | None = None
    """Of these, the session's own process."""
    quota: Quota | None = None
    """The CPU quota around the session, which binds the processes that it has started too; null without one."""
    oom_kills: int | None = None
    """Processes of the session's cgroup that the kernel killed because memory was used up; null if not reported."""
