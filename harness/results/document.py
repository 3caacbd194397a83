"""The results document as a whole: its schema, the run with its views, the environment."""

from typing import Literal

import msgspec

from harness.results.base import Frozen, Matched
from harness.results.cells import Cell
from harness.results.comparisons import Comparison, Scaling

SCHEMA_MAJOR = 1
SCHEMA_MINOR = 6
SCHEMA = f"workbench/{SCHEMA_MAJOR}.{SCHEMA_MINOR}"


class Rung(Frozen, frozen=True, kw_only=True):
    """What makes a view a rung of a ladder: of its two cells under each load, one has one thing changed."""

    base: tuple[str, ...]
    """Ids of the cells as they were; the others have one thing changed."""
    gives_up: str
    """What is lost by it; empty if nothing is."""
    unsafe: bool
    """Whether it can lose work."""


class View(Frozen, frozen=True, kw_only=True):
    """One group of cells that is shown, and perhaps ranked, together."""

    name: str
    about: str
    matched: Matched
    rung: Rung | None = None
    """If it is a rung of a ladder."""


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
    """Rounds that were asked for; if their number depended on what was measured, those that were begun."""
    plan: str
    """Its name."""
    command: str
    """The command that makes the same run again."""
    status: Literal["running", "done", "interrupted", "failed"]
    views: list[View]
    ended: str | None = None
    """Why the rounds ended, if their number was not given (`--rounds auto`)."""


class BrokerDescription(Frozen, frozen=True, kw_only=True):
    """A broker that the run used; the URL has no password in it."""

    url: str
    """Without its password."""
    server: str
    """`redis`, `rabbitmq`, or what is compatible with one."""
    version: str
    own: bool
    """Whether the run started it."""
    backend: str | None = None
    """What keeps the results if the broker does not: `redis`, or `rpc` for messages."""


class Environment(Frozen, frozen=True, kw_only=True):
    """Where it ran."""

    python: str
    platform: str
    cpus: int
    """CPUs that the session's process may use."""
    cpu_model: str | None
    memory_mb: float
    """Of the machine."""
    packages: dict[str, str]
    """Package → version."""
    broker: BrokerDescription | None
    """The first of `brokers`."""
    brokers: list[BrokerDescription] = msgspec.field(default_factory=list)
    """All that the run used."""
    origin: str | None
    """URL of the service that `--origin` named, or of the run's own."""
    git: str | None
    """The workbench's own commit; `-dirty` if files differ from it."""
    governor: str | None
    """Frequency governor of the first CPU; null where the kernel reports none."""
    load_average: float
    """Of the last minute before the run."""
    boot_id: str
    """Of the kernel."""


class Results(Frozen, frozen=True, kw_only=True):
    """All recordings of a run with its environment."""

    schema: str
    """`workbench/MAJOR.MINOR`."""
    run: Run
    environment: Environment
    cells: list[Cell]
    comparisons: list[Comparison]
    scalings: list[Scaling] = msgspec.field(default_factory=list)
