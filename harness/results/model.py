"""The results document: what a run measured, as frozen values. Pure data; `docs/results.md` describes it."""

from typing import Any, Literal

import msgspec

SCHEMA_MAJOR = 1
SCHEMA_MINOR = 6
SCHEMA = f"workbench/{SCHEMA_MAJOR}.{SCHEMA_MINOR}"

Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval."""
Side = Literal["asyncio", "celery", "fake"]
Matched = Literal["slots", "resources", "none"]
"""What contenders of a view have in common: their slots, their resources (one process, one thread), or nothing."""


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything in the document: an unknown key is an error, never ignored."""


class Doubt(Frozen, frozen=True, kw_only=True):
    """A typed reason not to trust a number, with advice."""

    kind: str
    text: str
    advice: str


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


class Usage(Frozen, frozen=True, kw_only=True):
    """What one role used over its own interval within the measured window."""

    cpu_s: float
    seconds: float
    memory_mb: float | None
    memory_kind: str | None
    processes: int
    main_cpu_s: float | None = None
    """Of cpu_s, the role's first process: for workers the one that talks to the broker."""
    busiest_cpu_s: float | None = None
    """Of cpu_s, the busiest process."""
    connections: int | None = None
    """Connections that clients used in the last second of the window, where the role tells."""


class Usages(Frozen, frozen=True, kw_only=True):
    """Usage by role; null where the trial had no such role, or it could not be had (then `missing` says why)."""

    driver: Usage | None = None
    workers: Usage | None = None
    broker: Usage | None = None
    origin: Usage | None = None
    missing: dict[str, str] = {}


class Machine(Frozen, frozen=True, kw_only=True):
    """What the driver's machine did meanwhile, beside this run's own processes."""

    seconds: float
    cpus: int
    others_cpu_s: float
    """CPU-seconds of processes that are not this run's."""
    steal_s: float
    """CPU-seconds that the hypervisor gave to other machines."""


class Served(Frozen, frozen=True, kw_only=True):
    """What the origin itself counted and timed: an eye that is not the harness's."""

    requests: int
    seconds: float
    mean_ms: float | None
    """Mean time from a request's arrival in the origin to its answer."""


class LoopLag(Frozen, frozen=True, kw_only=True):
    """How late the driver's event loop ran its timers, in ms."""

    p50: float
    p99: float
    max: float


class Timeline(Frozen, frozen=True, kw_only=True):
    """The window in slices of equal length: good replies by when they came, and their latency in ms."""

    slice_s: float
    ok: list[int]
    mean_ms: list[float | None]
    max_ms: list[float | None]


class Failure(Frozen, frozen=True, kw_only=True):
    """Errors of one kind in a trial: how many, and the first one's text."""

    kind: str
    count: int
    example: str


class DriverAt(Frozen, frozen=True, kw_only=True):
    """A driver on another machine, or in another container: it makes the load, and is not the session's own."""

    name: str
    host: str
    cpus: int
    boot_id: str
    clock_offset_ms: float
    """Its clock − the session's; 0 where both are the same kernel's."""
    clock_error_ms: float
    """By how much that may be wrong either way."""


class Trial(Frozen, frozen=True, kw_only=True):
    """One repetition of a cell, in a driver process of its own."""

    round: int
    order: int
    status: Literal["measured", "disqualified", "failed"]
    error: str | None
    seconds: float
    submitted: int
    ok: int
    wrong: int
    failed: int
    lost: int
    duplicates: int | None
    executions: int | None
    throughput_per_s: float | None
    publish_per_s: float | None = None
    sustained_per_s: float | None = None
    makespan_ms: dict[str, float | None] | None = None
    slot_overhead_ms: float | None = None
    """How long a slot is busy for a request beyond its execution: from a drain."""
    cpu_s_per_1000: float | None = None
    latency_ms: Latency | None
    uncorrected_ms: Latency | None
    stages_ms: Stages | None
    usage: Usages
    machine: Machine | None = None
    served: Served | None = None
    loop_lag_ms: LoopLag | None
    timeline: Timeline | None = None
    drivers: list[DriverAt] = []
    """Where the load came from, where that was not the session's own machine or container."""
    failures: list[Failure] = []
    extra: dict[str, Any] = {}
    bottleneck: str | None
    doubts: list[Doubt]
    histograms: dict[str, str]


class Summary(Frozen, frozen=True, kw_only=True):
    """A cell over all its measured trials."""

    trials: int
    throughput_per_s: float
    throughput_ci95: Interval | None
    percent_of_ceiling: float | None
    latency_ms: Latency
    latency_ci95_ms: dict[str, Interval | None] = {}
    """95 % intervals of mean and percentiles, from the trials' own values; null where a trial has none."""
    stages_ms: dict[str, float] = {}
    """Mean of each stage."""
    publish_per_s: float | None = None
    sustained_per_s: float | None = None
    makespan_ms: dict[str, float | None] | None = None
    cpu_s_per_1000: float | None
    memory_mb: float | None
    floor_ms: float | None
    """Latency of a no-op on this contender, one at a time, in the same run."""
    slot_overhead_ms: float | None = None
    """How long a slot of this contender is busy for a request beyond its execution, in the same run."""
    bottleneck: str | None
    doubts: list[Doubt]


class Probe(Frozen, frozen=True, kw_only=True):
    """One trial of a search: at that rate, did the limit hold?"""

    kind: Literal["probe", "confirm"]
    rate_per_s: float
    held: bool
    why: str | None
    """Why it did not."""
    throughput_per_s: float | None
    bottleneck: str | None


class HighestRate(Frozen, frozen=True, kw_only=True):
    """What the search for the highest rate that holds a limit has found."""

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


class Settings(Frozen, frozen=True, kw_only=True):
    """What was asked of a contender, and what it said it runs with."""

    asked: dict[str, Any]
    effective: dict[str, Any]


class Worker(Frozen, frozen=True, kw_only=True):
    """One worker that served a cell."""

    name: str
    host: str
    cpus: int
    boot_id: str


class LoadDescription(Frozen, frozen=True, kw_only=True, omit_defaults=True):
    """How work arrives: what every load has, and the settings of its kind. Those of other kinds are left out."""

    kind: str
    """`closed`, `open`, `drain` or `burst`."""
    text: str
    """As it is written on the command line, such as `closed:64`."""
    ranked: tuple[str, ...]
    """Metrics by which cells under it are compared and ranked, the first one first."""
    clients: int | None = None
    """Of a closed load."""
    rate_per_s: float | None = None
    """Of an open load: arrivals a second."""
    arrivals: str | None = None
    """Of an open load: `poisson` or `uniform`."""
    requests: int | None = None
    """Of a drain or a burst."""

    @property
    def settings(self) -> dict[str, int | float | str]:
        """Those of its kind, by key."""
        settings = {
            "clients": self.clients,
            "rate_per_s": self.rate_per_s,
            "arrivals": self.arrivals,
            "requests": self.requests,
        }
        return {key: value for key, value in settings.items() if value is not None}


class Cell(Frozen, frozen=True, kw_only=True):
    """Workload × contender × load: one row of a table."""

    id: str
    views: list[str]
    workload: str
    params: dict[str, Any]
    side: Side
    contender: str
    tuning: list[str] = []
    """Names of the settings that were changed of it, in the order in which they were given."""
    broker: str | None = None
    """Kind of broker between driver and workers; null where there is none, or in a document before 1.3."""
    settings: Settings
    workers: list[Worker]
    slots: int | None
    drivers: int = 1
    """Processes that made the load; on the asyncio side, also those that executed it."""
    load: LoadDescription
    ideal_s: float | None
    ceiling_per_s: float | None
    status: Literal["measured", "disqualified", "failed", "skipped", "not_supported", "pending"]
    reason: str | None
    trials: list[Trial]
    summary: Summary | None
    highest_rate: HighestRate | None = None
    """Where the rate of its load was searched."""

    @property
    def name(self) -> str:
        """The contender, as it is written on the command line without its slots."""
        return self._tuned + at(self.broker)

    @property
    def _tuned(self) -> str:
        return "+".join((self.contender, *self.tuning))

    @property
    def label(self) -> str:
        """With its slots; and with its processes, where drivers execute."""
        name = self._tuned if self.slots is None else f"{self._tuned}:{self.slots}"
        several = f" ×{self.drivers}" if self.drivers > 1 and not self.workers else ""
        return name + at(self.broker) + several


def at(broker: str | None) -> str:
    """How a contender's broker is written behind it: not at all where it is Redis, which is the default."""
    return "" if broker in (None, "redis") else f"@{broker}"


class Rung(Frozen, frozen=True, kw_only=True):
    """What makes a view a rung of a ladder: of its two cells under each load, one has one thing changed."""

    base: tuple[str, ...]
    """Ids of the cells as they were; the others are changed."""
    gives_up: str
    """What is lost by it; nothing where it is empty."""
    unsafe: bool
    """Whether it can lose work."""


class View(Frozen, frozen=True, kw_only=True):
    """One group of cells that is shown, and perhaps ranked, together."""

    name: str
    about: str
    matched: Matched
    rung: Rung | None = None


class Comparison(Frozen, frozen=True, kw_only=True):
    """One metric of a contender against the base of its group, over the rounds that both measured."""

    view: str
    workload: str
    params: dict[str, Any]
    load: LoadDescription
    base: str
    contender: str
    metric: str
    ratio: float
    ci95: Interval | None
    rounds: int
    verdict: Literal["faster", "slower", "more", "less", "no difference"] | None
    """Null where fewer rounds were measured than a verdict needs."""


class Point(Frozen, frozen=True, kw_only=True):
    """A figure at one value of the number that varies."""

    x: float
    y: float


class Curve(Frozen, frozen=True, kw_only=True):
    """One contender's figure over a number, in the number's order."""

    contender: str
    side: Side
    points: list[Point]


class Crossover(Frozen, frozen=True, kw_only=True):
    """Where two contenders of different sides change places."""

    first: str
    """The one with the higher figure below."""
    second: str
    at: float
    """Where their ratio is 1, by straight lines between the measured values on log scales."""
    y: float
    """The figure there."""
    ci95: Interval | None
    """Outside of it the 95 % interval of their ratio is clear of 1; null where fewer than two rounds were measured."""
    rounds: int
    """The fewest over which they were compared at one of the values."""


class NoCrossover(Frozen, frozen=True, kw_only=True):
    """Two contenders of different sides of which one is higher in all of the range, or which cannot be told apart."""

    higher: str
    lower: str
    values: list[float]
    """Those at which they were compared, in order."""
    unclear: list[float]
    """Values at which the 95 % interval of their ratio includes 1; all of them: they cannot be told apart."""
    rounds: int


class Scaling(Frozen, frozen=True, kw_only=True):
    """A figure of several contenders over one number, all else equal: what a chart of it is drawn from."""

    view: str
    over: str
    """The number that varies: `slots`, a setting of the load, or a parameter of the workload, without its unit."""
    unit: str
    fixed: str
    """What is equal in all of it."""
    metric: str
    curves: list[Curve]
    crossovers: list[Crossover]
    """Of metrics by which the load is ranked, in a view that matches something."""
    without: list[NoCrossover]
    """Of these too, the pairs that have none in the range."""


class Run(Frozen, frozen=True, kw_only=True):
    """What was run, and how to run it again."""

    id: str
    started: str
    finished: str | None
    seed: int
    rounds: int
    """Rounds that were begun, where their number depended on what was measured; else those that were asked for."""
    plan: str
    command: str
    status: Literal["running", "done", "interrupted", "failed"]
    views: list[View]
    ended: str | None = None
    """Why the rounds ended, where their number was not given."""


class Broker(Frozen, frozen=True, kw_only=True):
    """A broker that the run used; the URL has no password in it."""

    url: str
    server: str
    version: str
    own: bool
    backend: str | None = None
    """What keeps the results, where the broker does not: `redis`, or `rpc` for messages."""


class Environment(Frozen, frozen=True, kw_only=True):
    """Where it ran."""

    python: str
    platform: str
    cpus: int
    cpu_model: str | None
    memory_mb: float
    packages: dict[str, str]
    broker: Broker | None
    brokers: list[Broker] = []
    """All that the run used, where there are several; `broker` is the first."""
    origin: str | None
    git: str | None
    governor: str | None
    load_average: float
    boot_id: str


class Results(Frozen, frozen=True, kw_only=True):
    """All recordings of a run with its environment."""

    schema: str
    run: Run
    environment: Environment
    cells: list[Cell]
    comparisons: list[Comparison]
    scalings: list[Scaling] = []
