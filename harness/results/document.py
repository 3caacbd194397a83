"""The results document as a whole: its schema, the run with its views, the environment."""

from typing import Annotated, Literal

import msgspec

from harness.results.base import Frozen, Matched
from harness.results.cells import Cell
from harness.results.comparisons import Comparison, Scaling
from harness.results.decision import Decision
from harness.results.layers import Layers
from harness.results.sizing import Sizing

SCHEMA_MAJOR = 1
SCHEMA_MINOR = 12
SCHEMA = f"workbench/{SCHEMA_MAJOR}.{SCHEMA_MINOR}"


class Rung(Frozen, frozen=True, kw_only=True):
    """Makes a view a rung of a ladder: of its two cells under each load, one has a single change."""

    base: tuple[str, ...]
    """Ids of the cells without the change."""
    gives_up: str
    """What the change gives up; empty if nothing."""
    unsafe: bool
    """Whether it can lose work."""
    limit: str = ""
    """In a search for the bottleneck (`--why`): what limits the rate if this change moves it; empty in a ladder."""
    target: str = ""
    """In such a search: id of the plan's cell whose limit is looked for."""


class View(Frozen, frozen=True, kw_only=True):
    """A group of cells that are shown together, and ranked if something is matched."""

    name: str
    about: str
    matched: Matched
    rung: Rung | None = None
    """Null unless the view is a rung of a ladder."""
    parts: dict[str, list[str]] = msgspec.field(default_factory=dict)
    """Contender with its settings → what lies between a caller and its work. Empty unless the view is of layers."""


class Run(Frozen, frozen=True, kw_only=True):
    """What was run, and how to run it again."""

    id: str
    """The name of its folder."""
    started: str
    """ISO 8601, UTC."""
    finished: str | None
    """ISO 8601, UTC; null while it runs."""
    seed: int
    """Seed of order, arrivals and payloads."""
    rounds: int
    """Number of rounds requested; if it depended on the measurements, the number of rounds begun."""
    boots: int = 1
    """How many times the services were to be started, each time for a part of the rounds; if it depended on the
    measurements, how many times so far."""
    kept: list[str] = msgspec.field(default_factory=list)
    """What each start leaves as it is, because the run did not start it: `workers`, `broker`, `origin`, `postgres`,
    `driver`."""
    plan: str
    """Name of the plan."""
    command: str
    """The command that repeats the run."""
    status: Literal["running", "done", "interrupted", "failed", "killed"]
    views: list[View]
    ended: str | None = None
    """Why the rounds ended, if their number was not given (`--rounds auto`), or before their number was reached."""
    time_up: bool = False
    """Whether `--max-time` was over before the last trial: rows without one are pending."""
    time_scale: Annotated[int, msgspec.Meta(ge=1)] = 1
    """How many times as fast its work waited, and times of its contenders' settings passed (`--time-scale`)."""
    decision: Decision | None = None
    """Null unless it is a run of `workbench decide`."""
    sizing: Sizing | None = None
    """Null unless it is a run of `workbench size`."""


class BrokerDescription(Frozen, frozen=True, kw_only=True):
    """A broker that the run used; the URL has no password in it."""

    url: str
    """Without its password."""
    server: str
    """`redis`, `rabbitmq`, or the name of a compatible server."""
    version: str
    own: bool
    """Whether the run started it."""
    backend: str | None = None
    """Where results are stored if not in the broker: `redis`, or `rpc` for messages."""
    shard: int | None = None
    """Its number, from 1, among the brokers of its kind that share the requests; null if it has all of them."""


class Environment(Frozen, frozen=True, kw_only=True):
    """The machine and the software of the run."""

    python: str
    platform: str
    cpus: int
    """CPUs on which the session's process may run."""
    cpu_quota: float | None = None
    """Cores that the tightest CPU quota of the cgroups around the session grants; null without one."""
    cpu_model: str | None
    memory_mb: float
    """Memory of the machine."""
    memory_limit_mb: float | None = None
    """The least that one of the cgroups around the session allows; null without a limit."""
    packages: dict[str, str]
    """Package → version."""
    broker: BrokerDescription | None
    """The first of `brokers`."""
    brokers: list[BrokerDescription] = msgspec.field(default_factory=list)
    """All brokers that the run used."""
    origin: str | None
    """URL of the service given with `--origin`, or of the origin that the run started."""
    git: str | None
    """Commit of the workbench, with `-dirty` if files differ from it."""
    governor: str | None
    """Frequency governor of the first CPU; null if the kernel reports none."""
    load_average: float
    """Load average of the last minute before the run."""
    boot_id: str
    """The kernel's boot id."""


class Results(Frozen, frozen=True, kw_only=True):
    """All measurements of a run with its environment."""

    schema: str
    """`workbench/MAJOR.MINOR`."""
    run: Run
    environment: Environment
    cells: list[Cell]
    comparisons: list[Comparison]
    scalings: list[Scaling] = msgspec.field(default_factory=list)
    layers: list[Layers] = msgspec.field(default_factory=list)
