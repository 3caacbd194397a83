"""The Load contract: when each request is due, and what its recording amounts to."""

import math
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec

from harness.errors import UsageError
from harness.loads.shared.issuer import Issuer
from harness.results.base import MetricKey
from harness.results.model import Doubt, LoadDescription, Surge
from harness.statistics import doubts
from harness.statistics.units import whole_number

if TYPE_CHECKING:
    from harness.recording.folded import Folded


class Measuring(Protocol):
    """The driver's side of a trial, as a load sees it."""

    seed: int
    service_s: float
    """About how long one request takes to serve: the workload's ideal, else what the first reply took."""
    issuer: Issuer
    """Issues the requests."""
    gaps_us: list[int]
    """Of arrivals that were recorded: from each to the next."""
    issued_before: int
    """Requests that an earlier process of the same application has issued, where it died."""

    @property
    def closed_ns(self) -> int:
        """When the measured window closed; 0 before that."""
        ...

    async def steady_window(self, at_rest: Coroutine[Any, Any, bool]) -> None:
        """Warm up, open the measured window, keep it open for its time or number of requests, close it.

        `at_rest` returns True once the load has come to rest, False where it does not: the window opens after that, or
        after a limit.
        """
        ...

    async def warm_up(self) -> None:
        """For a load without a steady state: a few closed clients for the time of the warm-up, to their end."""
        ...

    async def between(self) -> None:
        """Between the two parts of a load: have every role's usage read once more."""
        ...

    def whole_window(self) -> AbstractAsyncContextManager[None]:
        """The measured window of a load that ends by itself: every request of it lies within."""
        ...

    def read_memory(self, name: str) -> None:
        """Have every role's memory read at this moment of that name, while the load goes on."""
        ...

    def mark(self, name: str) -> None:
        """Note this moment under that name; `figures` finds it again."""
        ...

    async def pause(self) -> None:
        """Have the contender execute nothing of what is submitted from now on, until `resume`."""
        ...

    async def resume(self) -> None:
        """Have the contender execute what was submitted meanwhile."""
        ...


class LoadFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial amounts to under its load; None where the load does not show it."""

    throughput_per_s: float | None
    publish_per_s: float | None = None
    sustained_per_s: float | None = None
    makespan_ms: dict[str, float | None] | None = None
    slot_overhead_ms: float | None = None
    surge: Surge | None = None
    completed: int | None = None
    """How many good replies the roles' usage is for, where all of them lie between its readings; None in a steady
    window, where usage is a rate."""
    doubts: list[Doubt] = []


class Load(ABC):
    """One load with its settings; `text` is how it is written, such as `closed:64`."""

    summary: ClassVar[str]
    syntax: ClassVar[str]
    kind: ClassVar[str]
    steady: ClassVar[bool] = False
    """Whether its throughput is that of a steady window."""
    arrives: ClassVar[bool] = False
    """Whether requests come at a rate of their own, so that no more can be served."""
    whole: ClassVar[bool] = False
    """Whether it ends by itself, so that all of its requests, and none of others, lie within its measured window."""
    backlog: ClassVar[bool] = False
    """Whether all requests are there before any is executed, so that it is what executes them that is measured."""
    from_file: ClassVar[bool] = False
    """Whether it is made from a file of this machine: no message from elsewhere may name it."""
    ranked: ClassVar[tuple[MetricKey, ...]] = ()
    """The metrics by which cells of this load may be compared and ranked, the first one first."""

    @classmethod
    @abstractmethod
    def parse(cls, text: str, where: str) -> "Load":
        """Read what stands behind the colon; raises UsageError."""

    @property
    @abstractmethod
    def text(self) -> str:
        """As it is written."""

    def describe(self) -> LoadDescription:
        """For the results document: what every load has, and its settings."""
        return LoadDescription(kind=self.kind, text=self.text, ranked=self.ranked, **self.settings())

    def share(self, index: int, drivers: int) -> "Load | None":
        """What driver `index` of several makes of this load; None where it cannot be spread over so many."""
        return None

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Its own settings: keys of `LoadDescription`."""

    def prepare(self, where: str) -> None:
        """Read what it needs, where the plan is made; raises UsageError for what is wrong in it."""
        return

    def gaps_us(self) -> list[int]:
        """For its driver: recorded arrivals, from each to the next; none where it makes its own."""
        return []

    @property
    def takes_s(self) -> float | None:
        """How long its requests arrive, at the least; None where it is as long as the run asks for."""
        return None

    @property
    def population(self) -> int | None:
        """Requests under way at any time, where the load keeps them so; else None."""
        return None

    def at_most(self, requests: int | None) -> int | None:
        """The most requests in its measured window, where the run asks for `requests`; None where it is a time."""
        return requests

    @abstractmethod
    def expected_s(self, service_s: float, slots: int | None) -> float:
        """How long a request takes at the most when all goes well; its deadline counts from there."""

    @abstractmethod
    async def run(self, trial: Measuring) -> None:
        """Issue requests through `trial.issuer`; return when all have ended."""

    def figures(self, fold: "Folded", marks: dict[str, int], slots: int | None) -> LoadFigures:
        """What the recording amounts to; here that of a steady window."""
        return LoadFigures(
            throughput_per_s=fold.throughput_per_s,
            doubts=[*doubts.of_drift(fold.drift), *doubts.of_length(fold.seconds, fold.mean_ms("latency"))],
        )


def amount(text: str, what: str, where: str, most: int = 1_000_000) -> int:
    """How many, from 1 to `most`; raises UsageError."""
    number = whole_number(text, most)
    if number is None:
        raise UsageError(f"{where}: expected {what} as a whole number from 1 to {most}; got {text!r}.")
    return number


def plainly(value: float) -> str:
    """A number with all its digits and without an exponent, as it can be read again."""
    return format(Decimal(repr(float(value))).normalize(), "f") if math.isfinite(value) else repr(value)


def parse_load(text: str, where: str) -> Load:
    """Read a load as it is written, such as `closed:64`; raises UsageError for an unknown kind or bad settings."""
    from harness import registry

    kind, colon, rest = text.partition(":")
    kind_of_load: type[Load] = registry.load("load", kind, where)
    if not colon:
        raise UsageError(f"{where}: expected {kind_of_load.syntax}; got {text!r}.")
    return kind_of_load.parse(rest, where)
