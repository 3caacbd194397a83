"""What goes through the two lists, and between a run and its worker, as JSON."""

from typing import Any

import msgspec

from workloads.workload import Payload

ENVIRONMENT = "WORKBENCH_BARE_QUEUE"
"""Variable by which the worker gets its `Place`: a process list would show passwords."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a worker takes requests from."""

    url: str
    """Of the Redis, with its password."""
    requests: str
    """Key of the list."""
    slots: int
    tasks: list[str]
    """Workloads that it executes; empty stands for all. A request for another one is refused."""
    control: int
    """File descriptor of the socket on which the run asks."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A request."""

    id: str
    """`TRIAL.NUMBER`."""
    workload: str
    payload: Payload
    resources: dict[str, Any]
    """What the coroutine's `resources` are opened with."""
    replies: str
    """Key of the list for the reply."""


class Replied(msgspec.Struct, frozen=True, array_like=True):
    """Its reply, or the error; when it was executed, by `time.monotonic_ns`."""

    id: str
    reply: Any
    error: str | None
    began_ns: int
    ended_ns: int


class Question(msgspec.Struct, frozen=True):
    """From the run to its worker, one a line. Every field may be left out."""

    usage: bool = False
    """Whether to report what the process has used so far."""
    memory: bool = False
    """Whether that includes its memory."""
    executed: int | None = None
    """A trial whose executions are to be reported; all are forgotten then."""


class Answer(msgspec.Struct, frozen=True):
    """From the worker, one a line."""

    usage: dict[str, Any] | None = None
    executed: list[int] = []
    python: str = ""
