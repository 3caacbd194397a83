"""One trial in the results document: its figures, the latency chain, usage by role, and where its load came from."""

from typing import Any, Literal

import msgspec

from harness.results.base import Doubt, Frozen
from harness.results.crashes import Crash
from harness.results.profile import Profile
from harness.results.surges import Surge
from harness.results.usage import Machine, Usages


class Latency(Frozen, frozen=True, kw_only=True):
    """Latency in ms; a percentile with fewer than 10 samples beyond it is null."""

    min: float
    mean: float
    p50: float | None
    p90: float | None
    p99: float | None
    p999: float | None
    max: float


class Stage(Frozen, frozen=True, kw_only=True):
    """One stage of the latency chain, in ms."""

    mean: float
    p50: float | None
    p99: float | None


class Stages(Frozen, frozen=True, kw_only=True):
    """The latency chain: the means of its stages add up to the mean latency.

    Where worker and driver have no common clock, `transport` stands for queue wait and return together; where a request
    is several executions, for these too.
    """

    driver_lag: Stage
    publish: Stage
    queue_wait: Stage | None = None
    execution: Stage | None = None
    return_: Stage | None = msgspec.field(default=None, name="return")
    transport: Stage | None = None


class Served(Frozen, frozen=True, kw_only=True):
    """What the origin counted and timed: a view that is independent of the harness."""

    requests: int
    """Requests that it answered within the window."""
    by_parts: float | None = None
    """The same by the part of each request's wait within the window, so that requests at its edges do not count whole;
    null with several processes, at another origin, or in a document before 1.9."""
    seconds: float
    """Length of the interval over which the origin counted them."""
    mean_ms: float | None
    """Mean time from a request's arrival in the origin to its answer."""

    @property
    def counted(self) -> float:
        """Requests by their parts, where they are known."""
        return self.requests if self.by_parts is None else self.by_parts

    def counted_within(self, seconds: float) -> float:
        """What it counted over a window that long.

        A busy machine reads the origin late, when the load has ended: what it counted is all that the window can have.
        """
        return self.counted * max(1.0, seconds / self.seconds) if self.seconds > 0 else 0.0


class LoopLag(Frozen, frozen=True, kw_only=True):
    """How long what is ready waits for the driver's event loop, in milliseconds."""

    p50: float
    p99: float
    max: float


class Timeline(Frozen, frozen=True, kw_only=True):
    """The window in slices of equal length: good replies by the time they arrived, and their latency in ms."""

    slice_s: float
    """Length of a slice."""
    ok: list[int]
    """Good replies in each slice."""
    mean_ms: list[float | None]
    """Mean latency of each slice; null if no reply came."""
    max_ms: list[float | None]
    """Highest latency of each slice."""

    def __post_init__(self) -> None:
        """Raise ValueError where a slice lacks something, in a document that somebody has changed."""
        if not len(self.ok) == len(self.mean_ms) == len(self.max_ms):
            raise ValueError("expected ok, mean_ms and max_ms for the same number of slices")


class Failure(Frozen, frozen=True, kw_only=True):
    """Errors of one kind in a trial: how many, and the first one's text."""

    kind: str
    """Name of the exception's type."""
    count: int
    example: str
    """Text of the first one."""


class Look(Frozen, frozen=True, kw_only=True):
    """What a trial saw of the work itself, in the driver's process."""

    reply: str
    """The first reply as JSON, cut where it is long."""
    connects: int = 0
    """Connections that the work opened in the driver."""
    connects_at: str = ""
    """`FILE:LINE` in the job from which most of them were opened; empty if it is not known."""
    sleeps_at: str = ""
    """`FILE:LINE` from which `time.sleep` was called most often in the event loop's thread; empty if it was not, and
    before Python 3.13, which reports it."""
    blocked_at: str = ""
    """`FILE:LINE` at which the event loop was most often found blocked; empty if it was not."""


class DriverAt(Frozen, frozen=True, kw_only=True):
    """A driver on another machine or in another container, which generates load."""

    name: str
    host: str
    cpus: float
    """Cores that it may use: CPUs, or the quota of its cgroups where that is less."""
    boot_id: str
    clock_offset_ms: float
    """Its clock − the session's; 0 if both run under the same kernel."""
    clock_error_ms: float
    """The largest possible error of the offset, in either direction."""


OF_MESSAGES = "messages "
"""Begins the keys of `Trial.broker_calls` that are no commands of a Redis."""
PUBLISHED = f"{OF_MESSAGES}published"


class Trial(Frozen, frozen=True, kw_only=True):
    """One repetition of a cell, in its own driver process."""

    round: int
    """Number of the round, from 1."""
    order: int
    """Position in the order in which all trials of the run were measured, from 0."""
    boot: int = 0
    """Which start of the services it ran with, from 0: workers, drivers' fork servers, the run's own broker and origin
    are started afresh several times within a run."""
    status: Literal["measured", "impossible", "disturbed", "disqualified", "failed"]
    """`impossible`: its figures break a bound that is known by other means; `disturbed`: others used the machine, so
    that it was measured again in the same round, and is in no summary; `disqualified`: replies were wrong from the
    start; `failed`: the trial could not be measured."""
    error: str | None
    """Why it was not measured."""
    seconds: float
    """Length of the measured window."""
    issued: int | None = None
    """Requests of the whole trial, its warm-up and its first, verified request included; null in a document before
    1.9, or if the driver did not report."""
    had_slots: int | None = None
    """Slots of the workers or drivers that executed it, which may have become more or fewer than the cell's; null in a
    document before 1.10, or if it has none."""
    submitted: int
    """Requests that were due within the window: the sum of ok, wrong, failed and lost."""
    ok: int
    """Replies that passed the workload's check."""
    wrong: int
    """Replies that did not pass it."""
    failed: int
    """Requests that raised an exception."""
    lost: int
    """Requests without an answer by their deadline."""
    duplicates: int | None
    """Executions beyond the requests submitted."""
    executions: int | None
    """Tasks that the workers executed in the whole trial, including its warm-up and its first, verified request."""
    throughput_per_s: float | None
    """Good replies a second in the window; of a drain: the rate at which the backlog was worked off."""
    publish_per_s: float | None = None
    """Of a drain: requests submitted a second while nothing was executed, by the cell's `producer`."""
    sustained_per_s: float | None = None
    """Of an open load: requests served a second."""
    makespan_ms: dict[str, float | None] | None = None
    """Of a burst: when half (`p50`), 90 %, 99 % and all of it were done."""
    slot_overhead_ms: float | None = None
    """Of a drain in which slots were the limit: how long a request keeps a slot busy beyond its execution."""
    cpu_s_per_1000: float | None = None
    """CPU-seconds of driver, workers and broker per 1,000 good replies."""
    broker_calls: dict[str, float] = msgspec.field(default_factory=dict)
    """Command → how often a Redis of the run's own executed it for a request, in whole numbers where nearly so; without
    what is no part of a request. Of a RabbitMQ, `messages published`, `messages delivered` and `messages acknowledged`,
    whoever did so. Empty on a given Redis, with few requests, or in a document before 1.9."""
    redis_commands: float | None = None
    """The commands added up."""
    broker_messages: float | None = None
    """The messages published; null without a RabbitMQ, or in a document before 1.10."""
    broker_bytes: float | None = None
    """Bytes that it received and sent for a request."""
    latency_ms: Latency | None
    """Measured from when a request was due."""
    uncorrected_ms: Latency | None
    """Measured from when it was sent."""
    stages_ms: Stages | None
    """The latency chain."""
    usage: Usages
    """CPU and memory by role."""
    machine: Machine | None = None
    """Other activity on the driver's machine."""
    served: Served | None = None
    """What the origin counted."""
    loop_lag_ms: LoopLag | None
    """Lag of the driver's event loop."""
    loop_busy: float | None = None
    """Share of the window in which that loop was held by a callback; null if it is not known, as of uvloop."""
    loop_blocked: float | None = None
    """Share of the window in which it was held for longer than 10 ms at a time; null if the work runs in workers."""
    timeline: Timeline | None = None
    """The window in slices."""
    drivers: list[DriverAt] = msgspec.field(default_factory=list)
    """The drivers, if the load did not come from the session's own machine or container."""
    failures: list[Failure] = msgspec.field(default_factory=list)
    """Errors by kind."""
    look: Look | None = None
    """Null unless the trial looked at the work itself (`workbench decide`)."""
    surge: Surge | None = None
    """Of a surge: how much waited, and when that was gone."""
    crash: Crash | None = None
    """Of a load with a fault: what became of each request."""
    profile: Profile | None = None
    """Null unless its stacks were sampled (`--profile`)."""
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    """Figures that the workload defines."""
    bottleneck: str | None
    """What limited the throughput; null only without a throughput, or in a document before 1.8."""
    busy: dict[str, float] = msgspec.field(default_factory=dict)
    """What may limit a throughput → how busy it was; 1 is as busy as it can be."""
    shares: dict[str, float] = msgspec.field(default_factory=dict)
    """Who used the machine's CPUs, or the CPU quota where that was the limit → share of them: roles of the trial, the
    `session`, `others`, `interrupts`, and the hypervisor (`steal`)."""
    doubts: list[Doubt]
    """Reasons not to trust its figures."""
    histograms: dict[str, str]
    """`latency`, `uncorrected` and each stage → an HdrHistogram in base64: 1 µs to 1 h, in µs, 3 significant digits.
    They merge exactly."""

    @property
    def throttled(self) -> float:
        """Largest share of its periods in which a CPU quota was used up: of the run's, and of those of single roles."""
        usage = self.usage
        roles = (usage.driver, usage.workers, usage.broker, usage.origin)
        quotas = [role.quota for role in roles if role is not None]
        quotas += [self.machine.quota] if self.machine is not None else []
        return max((quota.throttled for quota in quotas if quota is not None), default=0.0)
