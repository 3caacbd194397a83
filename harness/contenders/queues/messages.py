"""What a run, its drivers and a worker process tell each other, whatever queue lies in between; as JSON."""

from typing import Any, NamedTuple

import msgspec

from harness.contenders.contender import Outcome

ENVIRONMENT = "WORKBENCH_QUEUE"
"""Variable by which the worker gets its `Place`: a process list would show passwords."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a worker takes requests from."""

    url: str
    """Of the Redis, with its password."""
    key_prefix: str
    """Of all keys of the run."""
    queue: str
    slots: int
    tasks: list[str]
    """Workloads that it executes; empty stands for all. A request for another one is refused."""
    control: int
    """File descriptor of the socket on which the run asks."""


class Ran(NamedTuple):
    """What came of a coroutine: its reply, or the error; when it was executed, by `time.monotonic_ns`, and where."""

    reply: Any
    error: str | None
    began_ns: int
    ended_ns: int
    host: str
    boot_id: str


def outcome_of(ran: Ran, published_ns: int) -> Outcome:
    """Of a request, by what came of its coroutine."""
    return Outcome(ran.reply, ran.error, published_ns, ran.began_ns, ran.ended_ns, ran.host, ran.boot_id)


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
