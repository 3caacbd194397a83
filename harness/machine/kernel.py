"""What of Linux a run uses, whether this system has it, and what stands in for it elsewhere."""

import ctypes
import os
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from harness.errors import ServiceError
from harness.machine import guard

_proc = Path("/proc")
CPUCLOCK_SCHED = 2
_libc = ctypes.CDLL(None)


def cpu_clock(pid: int) -> int:
    """The clock of a process's CPU time, as clock_getcpuclockid(3) makes it."""
    return ~pid << 3 | CPUCLOCK_SCHED


def _has_cpu_clocks() -> bool:
    try:
        time.clock_gettime(cpu_clock(os.getpid()))
    except OSError:  # another system's ids of clocks
        return False
    return True


TIMERFD = hasattr(_libc, "timerfd_create")
CPU_CLOCKS = _has_cpu_clocks()
PROC = (_proc / "self/stat").exists()
CHILDREN = (_proc / "thread-self/children").exists()
RUN_QUEUES = (_proc / "thread-self/schedstat").exists()
PSS = (_proc / "self/smaps_rollup").exists()
PROC_STAT = (_proc / "stat").exists()
AFFINITY = hasattr(os, "sched_getaffinity")
FILES_IN_MEMORY = hasattr(os, "memfd_create")
SPREADS_CONNECTIONS = sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")
"""Sockets on one port, each of another process, get connections in turn."""


class Part(NamedTuple):
    """Something that a run uses where it is there."""

    name: str
    is_here: bool
    of: Literal["driver", "role", "session", "run"]
    """Who does without it: a driver; each role, in its readings; the session, in those of the machine; or the run,
    whose figures stay the same."""
    instead: str


PARTS = (
    Part("timerfd", TIMERFD, "driver", "requests start by the event loop's own timers, up to a millisecond late"),
    Part("run queues", RUN_QUEUES, "driver", "a loop's waits for a core count as held"),
    Part("CPU clocks of processes", CPU_CLOCKS, "role", "CPU is counted in the system's steps, of what still runs"),
    Part("PSS", PSS, "role", "memory is RSS: shared pages count for each process"),
    Part("counts of context switches", PROC, "role", "those of other processes are left out"),
    Part("CPU affinity", AFFINITY, "session", "all CPUs count as usable"),
    Part("/proc/stat", PROC_STAT, "session", "interrupts and a hypervisor's share are not known"),
    Part("parent-death signals", guard.prctl is not None, "run", "a child ends up to half a second after its parent"),
    Part("files in memory", FILES_IN_MEMORY, "run", "temporary files without a name"),
    Part("ports of several processes", SPREADS_CONNECTIONS, "run", "the origin's processes accept from one socket"),
)


def lacking() -> list[str]:
    """Names of the parts that are not here."""
    return [part.name for part in PARTS if not part.is_here]


def of_whom(names: Iterable[str], *of: str) -> list[str]:
    """Those that are missed by one of these."""
    wanted = set(names)
    return [part.name for part in PARTS if part.name in wanted and part.of in of]


def instead_of(names: Iterable[str]) -> list[str]:
    """Each with what stands in for it; names that another version made are left out."""
    wanted = set(names)
    return [f"{part.name} ({part.instead})" for part in PARTS if part.name in wanted]


def no_run() -> str | None:
    """Why nothing can be measured on this system, and what to do; None where it can."""
    if hasattr(os, "fork") and hasattr(os, "geteuid"):
        return None
    return f"a run needs Linux, or a system like it; this is {sys.platform}. Use the container image: docker compose up"


def check() -> None:
    """Raise ServiceError where nothing can be measured."""
    if (reason := no_run()) is not None:
        raise ServiceError(f"{reason}.")
