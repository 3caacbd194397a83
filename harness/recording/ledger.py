"""The ledger of a run with crashes: what became of each request, noted outside of the processes that may die.

It is a file to which all processes append rows. The kernel keeps an appended row whole, and keeps it when the process
that wrote it is killed a moment later. No process waits for another.
"""

import os
import struct
from enum import IntEnum
from pathlib import Path
from time import monotonic_ns
from typing import NamedTuple

VARIABLE = "WORKBENCH_LEDGER"
"""In the environment of whoever executes work: where the ledger is."""
ROW = struct.Struct("=5q")
LIMIT = 1 << 63


class Event(IntEnum):
    """What is noted of a request; the session's own notes have no request."""

    OFFERED = 0
    """It is about to be submitted."""
    ACCEPTED = 1
    """Its caller has been told that it will be done: it was published, or is under way."""
    STARTED = 2
    """Its execution has begun."""
    ENDED = 3
    """Its work has been done, whether or not anybody hears of it."""
    REPLIED = 4
    """Its caller has the right reply."""
    FAILED = 5
    """Its caller was told that it has failed."""
    REFUSED = 6
    """It could not be submitted, and its caller knows."""


class Entry(NamedTuple):
    """One row."""

    trial: int
    number: int
    event: Event
    at_ns: int
    pid: int


class Ledger:
    """Appends rows, and reads all rows of a trial."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def note(self, trial: int, number: int, event: Event) -> None:
        """Append one row, now."""
        os.write(self._fd, ROW.pack(trial, number, event, monotonic_ns(), os.getpid()))

    def note_task(self, task_id: str, event: Event) -> None:
        """The same for a task's id, `TRIAL.NUMBER`; other ids are nobody's request."""
        trial, dot, number = task_id.partition(".")
        try:
            row = int(trial), int(number)
        except ValueError:  # it is not of a request
            return
        if dot and all(-LIMIT <= value < LIMIT for value in row):
            self.note(*row, event)

    def entries(self, trial: int) -> list[Entry]:
        """All rows of a trial's requests in their order, without that of the request which is verified first."""
        size = os.fstat(self._fd).st_size // ROW.size * ROW.size
        rows = ROW.iter_unpack(os.pread(self._fd, size, 0))
        return [
            Entry(of, number, Event(event), at_ns, pid)
            for of, number, event, at_ns, pid in rows
            if of == trial and number >= 0
        ]

    def forget(self) -> None:
        """Begin anew; only between trials."""
        os.ftruncate(self._fd, 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def from_environment() -> Ledger | None:
    """The ledger that this process is to write, if any."""
    path = os.environ.get(VARIABLE)
    return Ledger(Path(path)) if path else None
