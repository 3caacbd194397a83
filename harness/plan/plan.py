"""What to measure, as frozen values: a plan with its views, and its cells."""

import math
from typing import Any

import msgspec

from harness.loads.load import parse_load
from harness.plan.contender_spec import ContenderSpec
from harness.results.model import Matched, Rung
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

AUTO = "auto"
AUTO_LEAST, AUTO_MOST = ROUNDS_FOR_VERDICT, 30
"""Rounds of `rounds = "auto"`."""
ROUNDS_A_BOOT = 2
"""Where a plan does not say how many boots there are."""

BASE_TIMES = 3
"""Trials of a base in each round, where so many changes are compared with it: a bad one would bend them all."""


class ViewPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[view]]`: the product of its workloads, contenders and loads."""

    name: str
    """Stands in headings and in the overview."""
    about: str = ""
    """A sentence under the heading."""
    matched: Matched = "none"
    """What its contenders have in common: only then are they ranked."""
    workloads: list[str]
    """Names from `workbench list workloads`, or jobs of your own."""
    contenders: list[str]
    """As after `-c`: `asyncio:16`, `celery-prefork+batch:16@rabbitmq`."""
    slots: list[int] = []
    """Each contender, then written without slots, is measured with each of them."""
    brokers: list[str] = []
    """Kinds: each contender that needs one and is written without is measured on each. Empty: the run's."""
    loads: list[str] = []
    """As after `--load`: `closed:64`, `open:100/s`, `drain:5000`, `burst:1000`."""
    rates: list[float] = []
    """Requests a second: each adds the load `open:RATE/s`."""
    clients_per_slot: list[int] = []
    """Each adds the load `closed:N`, with an N that follows the slots."""
    drivers: list[int] = []
    """Numbers of processes that make the load: each cell is measured with each."""
    origins: list[int | None] = []
    """Numbers of processes of an origin that the run starts: each cell is measured with each; null: the run's."""
    prefix: str = ""
    """Begins the ids of its cells, which so are measured apart from the same ones of other views."""
    set: dict[str, dict[str, Any]] = {}
    """Workload → parameter → value, or a list of values, each of which is measured."""
    duration: str | None = None
    """Overrides the plan's."""
    warmup: str | int | None = None
    """Overrides the plan's."""
    floor: bool = True
    """Whether the floor of its contenders is also measured: what each costs without any work."""
    rung: Rung | None = None
    publishing: bool = False
    """Whether a drain shows its publish rate: requests are published as an application publishes them."""
    find_rate: str | None = None
    """A limit whose highest rate is searched by the run's schedule: it stands for the load in the ids of its cells."""
    rounds: int | None = None
    """Fewer than the plan's: cells of it are measured in the first ones alone."""
    rest_s: float | None = None
    """How long its trials may wait for their load to come to rest; None: as long as their deadlines allow."""
    most_s: float | None = None
    """After which a trial is ended; None: its deadlines alone end it."""
    stretch_s: float | None = None
    """To no more than this a window is stretched that is short beside its responses; None: as far as it takes."""
    look: bool = False
    """Whether its trials look at the work itself, whose figures that disturbs (`harness.driver.look`)."""
    profile: bool = False
    """Whether the stacks of drivers and workers are sampled in its trials, whose figures that disturbs."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure."""

    name: str = ""
    """By default, the file's name."""
    about: str = ""
    """What `workbench list plans` says of it."""
    rounds: int | str = 5
    """A number, or `auto`: until the throughput of each cell is known precisely enough. A verdict needs 5."""
    duration: str = "5s"
    """Length of each measured window, with its unit."""
    warmup: str | int = "1s"
    """The least warm-up: a time, or a number of requests."""
    boots: int | None = None
    """Starts of the services, each for an equal part of the rounds; by default, one for every two rounds."""
    requests: int | None = None
    """So many requests a trial instead of a duration."""
    find_rate: str | None = None
    """A limit such as `p99<250ms`: instead of the loads, the highest rate that holds it is searched for."""
    time_scale: int | None = None
    """How many times as fast waits, and settings that are times, pass (docs/plans.md)."""
    view: list[ViewPlan]
    """One `[[view]]` for each table."""

    @property
    def rounds_most(self) -> int:
        """The number of rounds, or the most that `auto` may take."""
        return self.rounds if isinstance(self.rounds, int) else AUTO_MOST

    @property
    def boots_most(self) -> int:
        """The number of boots, or the most that `auto` rounds may take."""
        return self.boots or math.ceil(self.rounds_most / ROUNDS_A_BOOT)

    def boot_of(self, round_number: int) -> int:
        """Which boot serves a round (from 1): boots are numbered from 0, and go on beyond the plan's last round."""
        return (round_number - 1) * self.boots_most // self.rounds_most


class CellPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One cell to measure."""

    id: str
    views: list[str]
    workload: str
    params: dict[str, Any]
    contender: str
    tuning: list[str] = []
    """Names of its settings that are changed."""
    slots: int | None
    broker: str | None = None
    """Kind of broker, if the contender needs one."""
    load: str
    warmup_s: float = 0.0
    warmup_requests: int = 0
    duration_s: float = 1.0
    requests: int | None = None
    """Requests of each trial instead of a duration."""
    rounds: int = 1
    drivers: int = 1
    """Processes that make its load."""
    origin_processes: int | None = None
    """Processes of the origin that it calls, which then is one beside the run's; None: the run's."""
    publishing: bool = False
    """Whether its publish rate is compared: then a backlog is published as an application publishes it."""
    rest_s: float | None = None
    """How long its trials may wait for rest; None: as long as their deadlines allow."""
    most_s: float | None = None
    """After which a trial is ended; None: its deadlines alone end it."""
    stretch_s: float | None = None
    """To no more than this a window is stretched that is short beside its responses; None: as far as it takes."""
    look: bool = False
    """Whether its trials look at the work itself."""
    profile: bool = False
    """Whether the stacks of its drivers and workers are sampled."""
    at_most: int | None = None
    """Requests that each of its trials may issue, all counted; None: as many as its load brings."""

    @property
    def times_a_round(self) -> int:
        """How often it is measured in each round, where views compare it with a change: once for each, to a limit."""
        return min(BASE_TIMES, len(self.views))

    @property
    def has_backlog(self) -> bool:
        """Whether its requests are there only to be executed, however they are published."""
        return parse_load(self.load, self.id).backlog and not self.publishing

    @property
    def window_s(self) -> float:
        """How long its load lasts, where that is its own matter, or else the time that the run asks for."""
        takes_s = parse_load(self.load, self.id).takes_s
        return self.duration_s if takes_s is None else takes_s

    @property
    def has_fault(self) -> bool:
        """Whether a fault strikes in its load."""
        return parse_load(self.load, self.id).describe().fault is not None

    @property
    def spec(self) -> ContenderSpec:
        """Its contender with settings, slots and broker: cells that are equal in it share their workers."""
        return ContenderSpec(self.contender, self.slots, self.broker, tuple(self.tuning))
