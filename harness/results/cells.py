"""One cell in the results document: what was measured, with its trials, their summary and a search for a rate."""

from typing import Any, Literal

import msgspec

from harness.results.base import Doubt, Frozen, Interval, MetricKey, Side
from harness.results.profile import VIEW as PROFILED
from harness.results.trials import Latency, Trial

FLOOR = "floor"
"""Name of the view of what contenders cost without any work, which each run adds."""
TIME_SCALE = "time-scale"
"""Begins the name of the setting by which times of a contender are shorter, in a run in which all of them are."""
NOT_SENT = "not sent"
"""Beginning of the reason for a parameter that the service given as origin does not take."""


LEAN = "lean"
"""The producer that is the harness's own (see `Cell.producer`)."""


class LoadDescription(Frozen, frozen=True, kw_only=True, omit_defaults=True):
    """How work arrives: what every load has, and the settings of its kind. Those of other kinds are left out."""

    kind: str
    """`closed`, `open`, `drain`, `burst`, `surge`, `crash` or `replay`."""
    text: str
    """The load as written on the command line, such as `closed:64`."""
    ranked: tuple[MetricKey, ...]
    """Metrics by which cells under it are compared and ranked, the first one first."""
    clients: int | None = None
    """Of a closed load."""
    rate_per_s: float | None = None
    """Of an open load or a surge: arrivals a second; of a replay, their mean."""
    arrivals: str | None = None
    """Of an open load: `poisson` or `uniform`."""
    requests: int | None = None
    """Of a drain, a burst, a crash or a replay."""
    factor: float | None = None
    """Of a surge: by how many times the rate is raised."""
    lasts_s: float | None = None
    """Of a surge: for how long; of a replay, from its first arrival to its last."""
    speed: float | None = None
    """Of a replay: how many times as fast as in its file."""
    file_sha256: str | None = None
    """Of a replay: of its file."""
    fault: str | None = None
    """Of a crash: what happens, such as `kill-worker`."""
    fault_at: int | None = None
    """Of a crash: once so many requests have been accepted."""

    @property
    def settings(self) -> dict[str, int | float | str]:
        """The settings of its kind, by key."""
        settings = {
            "clients": self.clients,
            "rate_per_s": self.rate_per_s,
            "arrivals": self.arrivals,
            "requests": self.requests,
            "factor": self.factor,
            "lasts_s": self.lasts_s,
            "speed": self.speed,
            "file_sha256": self.file_sha256,
            "fault": self.fault,
            "fault_at": self.fault_at,
        }
        return {key: value for key, value in settings.items() if value is not None}


class Summary(Frozen, frozen=True, kw_only=True):
    """A cell over all its measured trials."""

    trials: int
    """Number of measured trials."""
    throughput_per_s: float
    """Geometric mean over the trials."""
    throughput_ci95: Interval | None
    """t interval of the logarithms."""
    percent_of_ceiling: float | None
    """Throughput as a share of the cell's ceiling."""
    latency_ms: Latency
    """From the merged histograms of the trials."""
    latency_ci95_ms: dict[str, Interval | None] = msgspec.field(default_factory=dict)
    """Mean and percentiles → interval around that of all requests, by how the trials' own scatter; null if a trial has
    none."""
    stages_ms: dict[str, float] = msgspec.field(default_factory=dict)
    """Stage of the latency chain → its mean."""
    publish_per_s: float | None = None
    sustained_per_s: float | None = None
    makespan_ms: dict[str, float | None] | None = None
    cpu_s_per_1000: float | None
    broker_calls: dict[str, float] = msgspec.field(default_factory=dict)
    """Command of a Redis of the run's own → how often a request takes it; what became of messages of a RabbitMQ → how
    many. The median over the trials."""
    redis_commands: float | None = None
    """The commands added up."""
    broker_messages: float | None = None
    """The messages published."""
    broker_bytes: float | None = None
    """Bytes that it received and sent for a request: the median over the trials."""
    memory_mb: float | None
    """Driver and workers at the end of the window, the largest over the trials."""
    floor_ms: float | None
    """Median latency of a no-op alone (`closed:1`) on this contender with these slots, in the same run. It comes
    from a cell of the view `floor`, which the run adds by itself."""
    slot_overhead_ms: float | None = None
    """How long a request keeps a slot of this contender busy beyond its execution, in the same run."""
    loop_lag_p99_ms: float | None = None
    """Mean over the trials of the lag's p99 of the driver's event loop."""
    loop_busy: float | None = None
    """Mean over the trials of the share of the window in which that loop was held by a callback; null if not known."""
    loop_blocked: float | None = None
    """Mean over the trials of the share of the window in which it was held for longer than 10 ms at a time; null if not
    known, or if the work runs in workers."""
    bottleneck: str | None
    """What limited the throughput in most trials."""
    busy: dict[str, float] = msgspec.field(default_factory=dict)
    """What may limit a throughput → how busy it was; the mean over the trials that had that bottleneck."""
    shares: dict[str, float] = msgspec.field(default_factory=dict)
    """Who used the machine's CPUs, or the CPU quota where that was the limit; the mean over the same trials."""
    doubts: list[Doubt]


class Probe(Frozen, frozen=True, kw_only=True):
    """One trial of a search: at that rate, did the limit hold?"""

    kind: Literal["probe", "confirm"]
    rate_per_s: float
    held: bool
    why: str | None
    """Why it did not hold."""
    throughput_per_s: float | None
    bottleneck: str | None


class HighestRate(Frozen, frozen=True, kw_only=True):
    """What the search for the highest rate has found, with the limit that it holds."""

    limit: str
    """A percentile of the latency and what it must stay below, such as `p99<250ms`."""
    status: Literal["searching", "confirmed", "not_found"]
    rate_per_s: float | None
    """The confirmed rate: it held in every round. The cell's trials are these rounds."""
    failed_per_s: float | None
    """Lowest rate that did not hold."""
    why: str | None
    """Why that one did not; or why no rate was found."""
    limited_by: str | None
    """The bottleneck of the lowest rates that did not hold."""
    probes: list[Probe]
    """All trials of the search, in their order."""


CHANGED = "changed."
"""Begins the settings of a job's own application that a run replaces: asked has theirs, effective the run's."""
OURS = "the run's"
"""As the effective one of them, where there is no more to say."""
TASK = "task."
"""Begins the options of its task."""


class Settings(Frozen, frozen=True, kw_only=True):
    """The settings that a contender was given, and those that it reported."""

    asked: dict[str, Any]
    """The settings it was given."""
    effective: dict[str, Any]
    """The settings it reported."""


class Worker(Frozen, frozen=True, kw_only=True):
    """One worker that served a cell."""

    name: str
    host: str
    cpus: float
    """Cores that it may use: CPUs, or the quota of its cgroups where that is less."""
    boot_id: str
    cpu_model: str | None = None
    """Name of its processor; null in a document before 1.10, or if it does not say."""


class Cell(Frozen, frozen=True, kw_only=True):
    """Workload × contender × load: one row of a table."""

    id: str
    """Unique in the document."""
    views: list[str]
    """Names of the views that show it."""
    workload: str
    params: dict[str, Any]
    """All parameters of the workload."""
    side: Side
    contender: str
    tuning: list[str] = msgspec.field(default_factory=list)
    """Settings of the contender that were changed, in the order given; `workbench list settings` describes each."""
    producer: str | None = None
    """What publishes its requests: `apply_async`; `batch`, the same in batches; `lean`, ready-made messages; null if
    nothing is published, or in a document before 1.8."""
    broker: str | None = None
    """Kind of broker between driver and workers; null if there is none, or in a document before 1.3."""
    settings: Settings
    workers: list[Worker]
    slots: int | None
    """Number of requests that it can execute at once; null: unbounded."""
    drivers: int = 1
    """Number of processes that generated the load; on the asyncio side, they also executed it."""
    load: LoadDescription
    not_in_effect: dict[str, str] = msgspec.field(default_factory=dict)
    """What was asked for and has no effect in this row, such as a parameter that the origin does not take → why."""
    ideal_s: float | None
    """Service time of a request if only the work itself took time; null if it is not known."""
    ceiling_per_s: float | None
    """Slots ÷ ideal service time; null without either, or if a request is several tasks."""
    status: Literal["measured", "impossible", "disqualified", "failed", "skipped", "not_supported", "pending"]
    """`skipped`: what it needs was not available; `not_supported`: the contender cannot do this work; `pending`: not
    measured yet."""
    reason: str | None
    """Why it was not measured."""
    trials: list[Trial]
    """In the order in which they were measured. A round has several where trials of it were disturbed, or where the
    plan measures the cell several times a round."""
    summary: Summary | None
    """Figures over all its measured trials."""
    highest_rate: HighestRate | None = None
    """Null unless the rate of its load was searched (`--find-rate`)."""

    @property
    def counted(self) -> list[Trial]:
        """Its trials without the disturbed ones, each of which another trial replaces."""
        return [trial for trial in self.trials if trial.status != "disturbed"]

    @property
    def profiled(self) -> bool:
        """Whether its stacks are sampled, so that its figures are compared with nothing."""
        return PROFILED in self.views

    @property
    def is_only_floor(self) -> bool:
        """Whether it is in no view that was asked for."""
        return self.views == [FLOOR]

    @property
    def name(self) -> str:
        """The contender, as it is written on the command line without its slots."""
        return self._tuned + broker_suffix(self.broker)

    @property
    def _tuned(self) -> str:
        """Without the time scale, which is that of all contenders of its run."""
        own = (name for name in self.tuning if not name.startswith(f"{TIME_SCALE}-"))
        return "+".join((self.contender, *own))

    @property
    def label(self) -> str:
        """With its slots; and with its processes, where drivers execute."""
        name = self._tuned if self.slots is None else f"{self._tuned}:{self.slots}"
        several = f" ×{self.drivers}" if self.drivers > 1 and not self.workers else ""
        return name + broker_suffix(self.broker) + several


def broker_suffix(broker: str | None) -> str:
    """How a contender's broker is written behind it: not at all where it is Redis, which is the default."""
    return "" if broker in (None, "redis") else f"@{broker}"
