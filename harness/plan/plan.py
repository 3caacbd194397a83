"""What to measure, as frozen values: a plan with its views, and the cells they come to."""

from typing import Any

import msgspec

from harness.plan.contender_spec import ContenderSpec
from harness.results.model import Matched, Rung
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

AUTO = "auto"
AUTO_LEAST, AUTO_MOST = ROUNDS_FOR_VERDICT, 30
"""Rounds of `rounds = "auto"`."""


class ViewPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[view]]`: the product of its workloads, contenders and loads."""

    name: str
    about: str = ""
    matched: Matched = "none"
    workloads: list[str]
    contenders: list[str]
    slots: list[int] = []
    """Slots for each of the contenders, which are then named without; each number makes cells of its own."""
    brokers: list[str] = []
    """Kinds of broker for each of the contenders that need one and are named without; none: the run's."""
    loads: list[str] = []
    rates: list[float] = []
    """Rates, in requests a second, each of which makes cells under `open:RATE/s`."""
    clients_per_slot: list[int] = []
    """Closed clients for each slot of a contender, each of which makes cells of its own: clients that follow slots."""
    drivers: list[int] = []
    """Numbers of processes that make the load, each of which makes cells of its own."""
    set: dict[str, dict[str, Any]] = {}
    """Workload → parameter → value, or a list of values of which each makes cells of its own."""
    duration: str | None = None
    """Where it is not the plan's."""
    warmup: str | None = None
    floor: bool = True
    """Whether the own cost of each of its contenders is measured too."""
    rung: Rung | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure."""

    name: str = ""
    about: str = ""
    rounds: int | str = 5
    """`auto`: until the throughput of each cell is known well enough."""
    duration: str = "5s"
    warmup: str = "1s"
    requests: int | None = None
    find_rate: str | None = None
    """A limit, such as `p99<250ms`: instead of loads, the highest rate that holds it is searched."""
    view: list[ViewPlan]

    @property
    def rounds_most(self) -> int:
        """Its rounds; of `auto`, as many as there may be."""
        return self.rounds if isinstance(self.rounds, int) else AUTO_MOST


class CellPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to measure."""

    id: str
    views: list[str]
    workload: str
    params: dict[str, Any]
    contender: str
    tuning: list[str] = []
    """Names of the settings that are changed of it."""
    slots: int | None
    broker: str | None = None
    """Kind of broker, where it needs one."""
    load: str
    warmup_s: float = 0.0
    duration_s: float = 1.0
    requests: int | None = None
    """Requests of each trial instead of a duration."""
    rounds: int = 1
    drivers: int = 1
    """Processes that make its load."""

    @property
    def spec(self) -> ContenderSpec:
        """Its contender with settings, slots and broker: cells that are equal in it share their workers."""
        return ContenderSpec(self.contender, self.slots, self.broker, tuple(self.tuning))
