"""What is known of a job of the user's own: where it is, and what a look at it has found. Plain values."""

import json
from typing import Any, TypeVar

import msgspec

Kind = TypeVar("Kind")


class Place(msgspec.Struct, frozen=True):
    """Where a function is defined."""

    name: str
    """`PACKAGE.MODULE:NAME`."""
    file: str = ""
    line: int = 0

    @property
    def shown(self) -> str:
        """With file and line, where they are known."""
        return f"{self.name} ({self.file}:{self.line})" if self.file else self.name


class JobSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job is; each process that needs it resolves it again."""

    given: str
    """As it was typed, for messages."""
    declared: str = ""
    """`PACKAGE.MODULE:NAME`, a module or the path of a file, of a `Job`; empty if the parts are given themselves."""
    name: str = ""
    """Under which an installed package offers it."""
    parts: dict[str, Any] = {}
    """Parts of a `Job`, each where it is."""
    path: list[str] = []
    """Folders in which modules are found after all others."""
    env: dict[str, str] = {}
    """Variables of the environment that children otherwise do not get, because Celery reads them."""
    allow_remote: bool = False
    """Whether it may call other hosts."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a job has found, without calling it."""

    name: str
    coroutine: Place | None = None
    task: Place | None = None
    app: str = ""
    """Of the task: the application's name."""
    fingerprint: str = ""
    """Of the source that the task's side has imported."""
    arguments: list[str] = []
    """Names of the arguments in their order, for payloads that give them by position."""
    payloads: int | None = None
    """How many there are; None for a function."""
    first: Any = None
    """The first one, as keyword arguments."""
    hosts: list[str] = []
    """Hosts in URLs of the payloads that were looked at."""
    rate: str | None = None
    ideal_s: float | None = None
    ignore: list[str] = []
    task_options: dict[str, Any] = {}
    """Of the task as registered."""
    settings: dict[str, Any] = {}
    """Of the application, under the names of the results document."""
    changed: dict[str, list[Any]] = {}
    """What the run has to change of the application: setting → what it is there, and in the run."""
    several: bool = False
    """Whether a request is several executions."""
    chords: bool = False
    plain: bool = True
    """Whether a request only publishes the task and waits for its result."""


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """One call of one side, alone."""

    number: int
    """Of the payload."""
    payload: Any = None
    reply: Any = None
    error: str | None = None
    took_s: float = 0.0


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a child process has found at one side of a job, and what came of calling it."""

    fault: str | None = None
    """What is wrong with the job."""
    facts: Facts | None = None
    called: list[Called] = []


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first payload to which the sides reply differently."""

    number: int
    payload: Any
    asyncio: Any
    celery: Any
    failed: str = ""
    """The side that failed, if one alone did: its text is then the reason, rather than a reply."""
    path: str = ""
    """Within the reply, such as `order.items[3].price`; empty: the reply itself."""
    unstable: bool = False
    """Whether one side alone gives different replies there, when it is asked twice."""


class OwnJob(msgspec.Struct, kw_only=True):
    """A job as a workload: its name is registered."""

    spec: JobSpec
    facts: Facts
    expected: dict[int, Any] = {}
    """The first reply to each payload, by its number: all others are held against it."""
    first_by: dict[int, str] = {}
    """The contender that gave it, where that was not before the run."""

    @property
    def name(self) -> str:
        """The workload's name."""
        return self.facts.name


def written(value: Any) -> bytes:
    """A value of this module for another process: replies are kept as they are, NaN and lone surrogates too."""
    return json.dumps(msgspec.to_builtins(value, str_keys=True)).encode("ascii")


def read(data: bytes, kind: type[Kind]) -> Kind:
    """What `written` wrote."""
    return msgspec.convert(json.loads(data), type=kind, str_keys=True)
