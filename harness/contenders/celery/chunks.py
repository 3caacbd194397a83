"""Tasks that carry several payloads: what their clients and their workers know of each other."""

from collections.abc import Callable
from time import monotonic_ns
from types import TracebackType
from typing import Any, NamedTuple, Self

from harness.contenders.contender import error_text
from harness.contenders.sides.declaration import celery_side
from workloads.workload import Payload

Note = Callable[[str], None]
"""Notes that a request is executed, by its id."""
Chunk = Callable[[list[str], list[Payload]], "list[Ran]"]
"""Runs payloads, of requests with those ids."""


class Ran(NamedTuple):
    """What came of a payload: its reply, or the error; when it was executed, by `time.monotonic_ns`."""

    reply: Any
    error: str | None
    began_ns: int
    ended_ns: int


class Attempt:
    """A block whose exception is its outcome: what one payload raises concerns no other of its chunk."""

    error: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, raised: BaseException | None, __: TracebackType | None) -> bool:
        if not isinstance(raised, Exception):
            return False
        self.error = error_text(raised)
        return True


def chunk_name(workload: str) -> str:
    """The task that runs chunks of that workload."""
    return f"chunk.{workload}"


def one_after_another(workload: str, note: Note) -> Chunk:
    """The task of that workload, called with each payload in turn: in the thread, greenlet or process of the chunk."""

    def run(ids: list[str], payloads: list[Payload]) -> list[Ran]:
        task = celery_side(workload).task
        return [_ran(task, task_id, payload, note) for task_id, payload in zip(ids, payloads, strict=True)]

    return run


def _ran(task: Any, task_id: str, payload: Payload, note: Note) -> Ran:
    note(task_id)
    reply = None
    began_ns = monotonic_ns()
    with Attempt() as attempt:
        reply = task(**payload)
    return Ran(reply, attempt.error, began_ns, monotonic_ns())


def add_chunks(app: Any, chunks: dict[str, Chunk]) -> None:
    """Add a task for each workload to a worker's application."""
    for workload, run in chunks.items():
        app.task(name=chunk_name(workload), typing=False)(run)
