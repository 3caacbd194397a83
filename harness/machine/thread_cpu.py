"""What each thread of a process tree has used: CPU, and how long it waited for a core."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

import psutil

from harness.machine import kernel
from harness.machine.usage import process_tree

NS = 1e9
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
AFTER_NAME = ") "
"""In /proc/PID/stat, the name of the command stands in parentheses and may hold anything."""
UTIME = 11
"""Fields after the name and before the user time; the system time follows."""


class ThreadTimes(NamedTuple):
    """Seconds since the thread began."""

    cpu_s: float
    waiting_s: float | None
    """In a run queue; None where the kernel does not say."""


class TreeTimes(NamedTuple):
    """Those of all threads, by the kernel's id."""

    processes: int
    threads: dict[int, ThreadTimes]


def thread_times(pid: int) -> TreeTimes:
    """Of the process and all below it; of none where it has ended."""
    with contextlib.suppress(psutil.Error):  # it has ended
        pids = [process.pid for process in process_tree(psutil.Process(pid))]
        return TreeTimes(len(pids), {tid: times for each in pids for tid, times in _of_process(each)})
    return TreeTimes(0, {})


def _of_process(pid: int) -> list[tuple[int, ThreadTimes]]:
    if not kernel.PROC:
        return _by_psutil(pid)
    found = []
    with contextlib.suppress(OSError):  # it has ended
        for thread in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):  # the thread has
                found.append((int(thread.name), _of_thread(Path(thread.path))))
    return found


def _by_psutil(pid: int) -> list[tuple[int, ThreadTimes]]:
    with contextlib.suppress(psutil.Error):  # it has ended, or may not be looked into
        threads = psutil.Process(pid).threads()
        return [(each.id, ThreadTimes(each.user_time + each.system_time, None)) for each in threads]
    return []


def _of_thread(folder: Path) -> ThreadTimes:
    """By the scheduler's statistics (Documentation/scheduler/sched-stats.rst), else by ticks of 10 ms."""
    try:
        on_cpu_ns, waiting_ns, _ = (folder / "schedstat").read_text("ascii").split()
    except FileNotFoundError:  # a kernel without CONFIG_SCHED_INFO
        fields = (folder / "stat").read_text("utf-8", "replace").rpartition(AFTER_NAME)[2].split()
        return ThreadTimes((int(fields[UTIME]) + int(fields[UTIME + 1])) / TICKS_PER_S, None)
    return ThreadTimes(int(on_cpu_ns) / NS, int(waiting_ns) / NS)
