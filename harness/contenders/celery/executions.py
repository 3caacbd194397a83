"""Counts what a Celery worker executes, request by request."""

import os
import re
import threading
from array import array

from harness.machine.nameless import nameless_file
from harness.recording.request_numbers import TRIAL_BITS

PART = 1 << 60
"""Added to the number of a request that is several tasks, so that these are not taken for duplicates."""
PARTS_FROM = PART >> 1
LIMIT = 1 << 63
"""Numbers have 64 bits: what does not fit is nobody's id."""
NOBODYS = -1, 0
"""The row of a task that belongs to no request."""
PARTS = re.compile(r"(-?[0-9]{1,19})\.(-?[0-9]{1,18})\.")


class Executions:
    """Requests that the whole pool has begun to execute, by id: rows of a file that all its processes append to.

    The process that made it writes many rows at once, because a write for each costs a bare task 2 %. A forked one
    writes each at once, so that none is missing when the worker is asked. The kernel keeps appended writes whole, so
    that no process waits for another. The file has no name, so that nothing is left behind.
    """

    ROW = 2  # trial, number
    ROWS_KEPT = 1024

    def __init__(self) -> None:
        self._fd = nameless_file("workbench-executions")
        self._kept = array("q")
        self._keep = self.ROWS_KEPT * self.ROW
        self._lock = threading.Lock()
        self._taken = 0
        os.register_at_fork(after_in_child=self._in_pool_process)

    def _in_pool_process(self) -> None:
        self._kept = array("q")
        self._keep = 0
        self._lock = threading.Lock()

    def add(self, task_id: str, root_id: str | None = None) -> None:
        """Note one, if its id is a driver's: `TRIAL.NUMBER`, or `TRIAL.NUMBER.PART` of a request that is several tasks.

        Tasks that tasks start have other ids, and a driver's as that of their root: these are not noted. All others
        are nobody's.
        """
        row = row_of(task_id)
        if row is None:
            if root_id and row_of(root_id) is not None:
                return
            row = NOBODYS
        with self._lock:
            self._kept.extend(row)
            if len(self._kept) > self._keep:
                self._write()

    def _write(self) -> None:
        os.write(self._fd, self._kept)
        del self._kept[:]

    def total(self) -> int:
        """How many since the start."""
        with self._lock:
            return self._taken + (os.fstat(self._fd).st_size // self._kept.itemsize + len(self._kept)) // self.ROW

    def take(self, trial: int) -> tuple[list[int], int, int]:
        """The numbers of that trial's requests, each as often as it was executed; how many of other runs', of nobody's.

        A request of several parts is there once. All is forgotten: earlier trials of the same run are over.
        """
        with self._lock:
            self._write()
            rows = array("q", os.pread(self._fd, os.fstat(self._fd).st_size, 0))
            os.ftruncate(self._fd, 0)
        self._taken += len(rows) // self.ROW
        trials = rows[::2]
        numbers = [number for of, number in zip(trials, rows[1::2], strict=True) if of == trial]
        whole = [number for number in numbers if number < PARTS_FROM]
        numbers = whole + [number - PART for number in set(numbers) if number >= PARTS_FROM]
        of_nobody = trials.count(NOBODYS[0])
        of_others = sum(of >= 0 and of >> TRIAL_BITS != trial >> TRIAL_BITS for of in trials)
        return numbers, of_others, of_nobody


def row_of(task_id: str) -> tuple[int, int] | None:
    """Trial and number of a driver's request, by the id of one of its tasks; None for another id."""
    trial, dot, number = task_id.partition(".")
    if not dot:
        return None
    try:
        row = int(trial), int(number)
    except ValueError:
        parts = PARTS.match(task_id)
        if parts is None:
            return None
        row = int(parts[1]), int(parts[2]) + PART
    return row if row[0] >= 0 and all(-LIMIT <= value < LIMIT for value in row) else None
