"""Counts what an origin's processes serve, in memory that they share."""

import mmap

NUMBER_BYTES = 8


class Counters:
    """Requests served and the time they took: two numbers for each process."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._shared = mmap.mmap(-1, 2 * processes * NUMBER_BYTES)
        self._view = memoryview(self._shared).cast("q")

    def add(self, index: int, took_ns: int) -> None:
        """Count one request served by process `index`, which alone writes there."""
        self._view[2 * index] += 1
        self._view[2 * index + 1] += took_ns

    def requests(self) -> int:
        """Requests served by all processes."""
        return sum(self._view[::2])

    def busy_s(self) -> float:
        """Time that these took from arrival to answer, added up."""
        return sum(self._view[1::2]) / 1e9
