"""Ends a process when its parent has ended, for whatever reason.

`python -I -S guard.py PARENT_PID COMMAND …` runs any command so: the kernel's parent-death signal stays set
across exec. Imports nothing of the project, so that it starts fast.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
FIRST = b"500"
"""Of 1000: as if it used so many thousandths of the memory more than it does."""


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent ends; end now if the parent has ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def be_killed_first() -> None:
    """Have the kernel choose this process before its parent where memory is used up: the parent then says so."""
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:  # a kernel without that file
        return
    os.write(descriptor, FIRST)
    os.close(descriptor)


if __name__ == "__main__":
    be_killed_first()
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
