"""The Workload contract: how a payload is made, how a reply is checked, and the ideal service time."""

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

import msgspec

Payload = dict[str, Any]
"""Keyword arguments of one request: JSON values only, because a Celery task receives them over a broker."""


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every workload's parameters: typed, with a default and a description each.

    Values that contradict each other raise ValueError in `__post_init__`.
    """

    def in_effect(self) -> "Params":
        """As they take effect together: one that another one limits has the limit."""
        return self


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the services that a workload's payloads refer to; None if the run does not have the service."""

    origin_url: str | None = None
    """Base URL of the HTTP origin, without a slash at its end."""
    postgres_schema: str | None = None
    """Schema in the PostgreSQL database of `DATABASE_URL`."""
    trial: int = 0
    """Number of the trial, which makes the ids in its payloads its own."""
    origin_is_ours: bool = True
    """False if `--origin` named another service, which does not take the parameters of the workbench's origin."""


class Part(NamedTuple):
    """What one request of a workload with several kinds of job is."""

    name: str
    """Of its kind of job."""
    alone_s: float
    """Seconds that it takes where nothing else is to be done."""


class Spread(NamedTuple):
    """Mean and percentiles of one kind of job, in milliseconds; a percentile with too few jobs beyond it is None."""

    mean: float
    p50: float | None
    p99: float | None


class PartFigures(NamedTuple):
    """What became of one kind of job in a trial: good replies alone."""

    jobs: int
    latency_ms: Spread
    alone_ms: Spread
    """Of the same jobs, where nothing else is to be done."""
    shortfall_ms: float
    """By how much a job was done sooner than it takes alone, at the most; 0 or less where none was."""

    @property
    def slowdown(self) -> dict[str, float]:
        """`mean`, `p50`, `p99` → that of the latency ÷ that of the same jobs alone, where both are known."""
        both = zip(Spread._fields, self.latency_ms, self.alone_ms, strict=True)
        return {name: latency / alone for name, latency, alone in both if latency is not None and alone}


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a trial from which workloads derive their own; None if one is not known."""

    throughput_per_s: float
    mean_ms: float
    """Mean latency, in milliseconds."""
    served_per_reply: float | None = None
    """Requests that the origin answered for each good reply."""
    parts: dict[str, PartFigures] = {}
    """Kind of job → what became of it, of a workload that says which kind each request is (`Workload.part`)."""
    connections: int | None = None
    """Connections to the service that is called, used in the last second of the window."""


class Places(NamedTuple):
    """A limit within the work: a pool of connections or threads, or the event loop."""

    name: str
    number: int
    """Requests that hold a place at once."""
    held_s: float
    """Seconds for which each request holds one at the least, added up: number ÷ that bounds the throughput."""


class Allowance(NamedTuple):
    """What a service that is called allows to all its callers together."""

    per_s: float
    burst: int
    """At once, after a pause."""

    def most(self, seconds: float) -> float:
        """Requests that it serves in so long a time."""
        return self.per_s * seconds + self.burst


class Measure(NamedTuple):
    """The figure that a workload is about: its tables, charts and sentences begin with it."""

    key: str
    """Of `measure` or `derive`, or of a figure that every trial has: `throughput_per_s`, `cpu_s_per_1000`,
    `latency_p50_ms`."""
    name: str
    """In sentences."""
    better: Literal["higher", "lower", "nearest 0"] = "lower"
    least: float = 0.0
    """Below which it cannot be, whatever an interval of scattered trials says."""
    most: float = math.inf

    @property
    def is_rate(self) -> bool:
        """Whether it is throughput in other units, so that what is faster by throughput is better by it."""
        return self.key.endswith("_per_s")


THROUGHPUT = Measure("throughput_per_s", "throughput", "higher")
P = TypeVar("P", bound=Params)


class Workload(ABC, Generic[P]):
    """One unit of I/O-bound work, the same for both sides.

    An instance belongs to one trial: `params` are its settings, `services` the addresses of what it calls, and `seed`
    makes its payloads reproducible.
    """

    summary: ClassVar[str]
    """One line for `workbench list`."""
    in_practice: ClassVar[str]
    """Where such work occurs; shown in `docs/workloads.md`."""
    look_at: ClassVar[str]
    """What to look at in its results; shown in `docs/workloads.md`."""
    is_about: ClassVar[Measure] = THROUGHPUT
    """What its results begin with."""
    Params: ClassVar[type[Params]] = Params
    needs: ClassVar[frozenset[str]] = frozenset()
    """Services without which it cannot run: `origin`, `postgres`."""
    requires: ClassVar[tuple[str, ...]] = ()
    """Modules that only it needs, whichever the side."""
    extra: ClassVar[str] = ""
    """The extra of the workbench that installs these."""
    of_origin: ClassVar[frozenset[str]] = frozenset()
    """Parameters that the workbench's origin takes with each request, under the same names; another service does not.
    """
    any_origin: ClassVar[bool] = False
    """Whether it can call a service other than the workbench's origin, whose other routes nobody else has."""
    places: ClassVar[tuple[str, ...]] = ()
    """Parameters that limit how many requests the work lets through at once; 0: no limit."""
    waits: ClassVar[frozenset[str]] = frozenset()
    """Parameters that are waits and nothing else: a time scale makes them shorter (`shortened`)."""
    asyncio_only: ClassVar[frozenset[str]] = frozenset()
    """Parameters that have no effect on the other side."""
    celery_only: ClassVar[frozenset[str]] = frozenset()
    """Parameters that have no effect on the other side."""
    one_execution: ClassVar[bool] = True
    """Whether a request is executed once, and holds one slot from the start of its execution to its end."""
    tables: ClassVar[str] = ""
    """SQL that creates its tables in the run's schema, if it needs `postgres`."""

    def __init__(self, params: P, services: Services, seed: int) -> None:
        self.params = params
        self.services = services
        self.seed = seed

    @classmethod
    def one_side(cls) -> dict[str, str]:
        """Parameter → the only side on which it has an effect; those of both sides are left out."""
        return dict.fromkeys(cls.asyncio_only, "asyncio") | dict.fromkeys(cls.celery_only, "celery")

    @classmethod
    def shortened(cls, key: str, value: Any, times: int) -> tuple[Any, float]:
        """One of its `waits`, in seconds or milliseconds, so many times as short; and the seconds of that."""
        shorter = value / times
        return shorter, shorter / (1000 if key.endswith("_ms") else 1)

    @abstractmethod
    def payload(self, number: int) -> Payload:
        """Keyword arguments of request `number` (0, 1, 2…): the same for both sides."""

    def part(self, number: int) -> Part | None:
        """Which kind of job request `number` is; None where all are of one kind."""
        return None

    @property
    def kinds(self) -> int:
        """How many kinds of job there are."""
        return 1

    def resources(self) -> dict[str, Any]:
        """Arguments of the asyncio side's `resources`, in addition to `slots`."""
        return {}

    @abstractmethod
    def check(self, payload: Payload, reply: Any) -> str | None:
        """None if `reply` is right; else what is wrong with it, in one line."""

    @property
    def kept(self) -> dict[int, Any]:
        """Replies of this trial that are held against those of others, by the number of their payload."""
        return {}

    def measure(self, payload: Payload, reply: Any) -> dict[str, float]:
        """Figures of one reply; the report shows their means over the window. The suffix of a key is its unit.

        Called for every reply that passed `check`, if a workload defines it.
        """
        return {}

    def measure_anew(self) -> None:
        """The measured window opens: forget what `measure` has kept of the replies of the warm-up, if anything."""

    def derive(self, figures: Figures) -> dict[str, float]:
        """Figures of the workload's own, computed from those of a trial. The suffix of a key is its unit."""
        return {}

    @property
    def origin_requests(self) -> float | None:
        """Requests to the origin that a good reply takes at the least; None where it calls none, or nobody knows."""
        return None

    @property
    def cpu_s(self) -> float:
        """CPU-seconds that the work itself takes at the least."""
        return 0.0

    def at_once(self, side: str, slots: int | None) -> Places | None:
        """What in the work itself lets only so many requests through at once in a process of that side, if anything.

        A pool of connections or threads is a queue within the body. `slots`: of that process; None: unbounded.
        """
        return None

    @property
    def allowance(self) -> Allowance | None:
        """How many good replies the service allows, if it limits them."""
        return None

    @property
    def origin_ms(self) -> float:
        """Milliseconds that the workbench's origin takes for each request at the least, on average."""
        return 0.0

    @property
    def expected_s(self) -> float | None:
        """Seconds that it takes without any load, for the deadline of the first request: `ideal_s` or more."""
        return self.ideal_s

    @property
    @abstractmethod
    def ideal_s(self) -> float | None:
        """The least time that the work takes, in seconds (the mean, if it varies); None if it cannot be known."""
