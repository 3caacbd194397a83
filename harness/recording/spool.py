"""Keeps what a driver stamps: buffered as plain integers, spooled to a file, folded only after the trial.

A HdrHistogram costs a microsecond a value, as much as a whole request of an asyncio loop; a row costs a fifth, most of
it when a full buffer is packed, without a step of Python for each. The buffer is bounded, so that memory does not grow
with the number of requests; and small, so that packing it holds the event loop for a fraction of a millisecond.
"""

import struct
from collections.abc import Callable
from enum import IntEnum
from itertools import starmap
from pathlib import Path

COLUMNS = ("number", "due", "start", "publish_end", "exec_start", "exec_end", "done", "status")
"""One row a request, in the order of completion; stamps in ns, 0 where one is not known."""
PACK = struct.Struct(f"{len(COLUMNS)}q").pack
BUFFER_ROWS = 1024
RECENT = 64
"""How many of the last requests progress is reported from."""
Row = tuple[int, int, int, int, int, int, int, int]
DUE, DONE, STATUS = (COLUMNS.index(name) for name in ("due", "done", "status"))


class Status(IntEnum):
    """What each request ends as: exactly one of these."""

    OK = 0
    WRONG = 1
    FAILED = 2
    LOST = 3


class Recorder:
    """Appends rows; `rows` counts them."""

    def __init__(self, spool: Path) -> None:
        self._file = spool.open("wb", buffering=0)
        self._buffer: list[Row] = []
        self._spooled = 0
        self.record = self._recording()
        """Append one row (see COLUMNS)."""

    def _recording(self) -> Callable[[Row], None]:
        """What appends a row: a closure, because every request pays for each name that is looked up."""
        buffer, append, flush = self._buffer, self._buffer.append, self.flush

        def record(row: Row) -> None:
            append(row)
            if len(buffer) >= BUFFER_ROWS:
                flush()

        return record

    @property
    def rows(self) -> int:
        """Requests recorded so far."""
        return self._spooled + len(self._buffer)

    def recent_ms(self) -> float | None:
        """The middle latency of the last good replies that are still buffered; None if there are none."""
        latencies = sorted(row[DONE] - row[DUE] for row in self._buffer[-RECENT:] if row[STATUS] == Status.OK)
        return latencies[len(latencies) // 2] / 1e6 if latencies else None

    def flush(self) -> None:
        """Write out what is buffered."""
        self._spooled += len(self._buffer)
        self._file.write(b"".join(starmap(PACK, self._buffer)))
        self._buffer.clear()

    def close(self) -> None:
        """Write out the rest and close the spool."""
        self.flush()
        self._file.close()
