"""Which processes a signal has stopped: looked up sparingly, because that is asked every second while one measures."""

import contextlib
import time
from collections.abc import Iterator

import psutil

LOOK_EVERY_S = 10.0
"""How often all processes of the machine are listed; between two lists, the known ones are looked at alone."""


class _Processes:
    """Those of this machine, by their parents, as they were last listed."""

    def __init__(self) -> None:
        self._listed_s = float("-inf")
        self._children: dict[int, list[psutil.Process]] = {}
        self._known: dict[int, psutil.Process] = {}

    def tree(self, pid: int) -> Iterator[psutil.Process]:
        """That process, and those below it."""
        if pid not in self._known or time.monotonic() - self._listed_s > LOOK_EVERY_S:
            self._list()
        waiting = [self._known[pid]] if pid in self._known else []
        while waiting:
            process = waiting.pop()
            yield process
            waiting += self._children.get(process.pid, [])

    def _list(self) -> None:
        self._listed_s = time.monotonic()
        self._children, self._known = {}, {}
        for process in psutil.process_iter(["ppid"]):
            self._known[process.pid] = process
            self._children.setdefault(process.info["ppid"], []).append(process)


_processes = _Processes()


def halted(pid: int | None) -> list[int]:
    """Processes of a tree that a signal has stopped (SIGSTOP), and that nothing has continued since."""
    found = []
    for process in _processes.tree(pid) if pid is not None else ():
        with contextlib.suppress(psutil.Error):  # it has ended
            if process.status() == psutil.STATUS_STOPPED:
                found.append(process.pid)
    return found


def halt_of(pid: int | None, what: str) -> str | None:
    """Which process of that tree, known as `what`, a signal has stopped; None if none."""
    pids = halted(pid)
    return f"process {pids[0]} of {what} was stopped by a signal (SIGSTOP)" if pids else None
