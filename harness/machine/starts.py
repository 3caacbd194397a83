"""When a process began, by a clock that nobody sets: which of the processes of an id it is.

Its begin by the wall clock is no such thing: the kernel's boot, from which that is counted, moves whenever the clock is
set, and by a second now and then where the clock is only steered.
"""

from pathlib import Path

import psutil

from harness.machine import kernel


def start_of(pid: int) -> str:
    """Ticks from the kernel's boot to its start (proc(5), field 22); empty where there is no such process."""
    if not kernel.PROC:
        return _created(pid)
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _created(pid: int) -> str:
    """When it began, where there is no /proc."""
    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""
