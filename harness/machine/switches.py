"""How often processes have given up their core: what the kernel counts of them, thread by thread."""

import os
import resource
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from harness.machine import kernel

VOLUNTARY, INVOLUNTARY = "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"


class Switches(NamedTuple):
    """Context switches since the start."""

    voluntary: int = 0
    """Because there was something to wait for."""
    involuntary: int = 0
    """Because another process was due."""

    def plus(self, other: "Switches") -> "Switches":
        """Both."""
        return Switches(self.voluntary + other.voluntary, self.involuntary + other.involuntary)


def switches_of(pids: Iterable[int]) -> Switches | None:
    """Of processes; of others than this one, those of the threads that still run, where the system says so.

    None where it does not.
    """
    total = Switches()
    for pid in pids:
        if pid == os.getpid():
            total = total.plus(_own())
        elif kernel.PROC:
            total = total.plus(_of_threads(pid))
        else:
            return None
    return total


def _own() -> Switches:
    """With those of threads that have ended, in one call: to read a file for each thread holds up a worker of many."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Switches(used.ru_nvcsw, used.ru_nivcsw)


def _of_threads(pid: int) -> Switches:
    total = Switches()
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has ended
        return total
    for thread in threads:
        total = total.plus(_of_thread(thread / "status"))
    return total


def _of_thread(status: Path) -> Switches:
    try:
        text = status.read_text("ascii", "replace")
    except OSError:  # it has ended
        return Switches()
    lines = dict(line.partition(":")[::2] for line in text.splitlines())
    return Switches(int(lines.get(VOLUNTARY, 0)), int(lines.get(INVOLUNTARY, 0)))
