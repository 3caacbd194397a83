"""Ends a process when its parent has ended, for whatever reason.

`python -I -S guard.py PARENT_PID COMMAND …` runs any command so: the kernel's parent-death signal stays set
across exec. Imports nothing of the project, so that it starts fast. Where a kernel has no such signal, a thread looks
after the parent, or for a command a process that is nobody's child.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
FIRST = b"500"
"""Of 1000: as if it used so many thousandths of the memory more than it does."""
LOOK_EVERY_S = 0.5
DESCRIPTORS_MOST = 65_536

prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)


def die_with_parent(parent_pid: int) -> None:
    """Have this process be killed when its parent ends; end now if the parent has ended already."""
    if prctl is None:
        from threading import Thread  # not before: every command of a run starts here

        Thread(target=_end_after, args=(parent_pid,), daemon=True).start()
    else:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def _end_after(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(LOOK_EVERY_S)
    os._exit(1)


def stay_with_parent(parent_pid: int) -> None:
    """The same, whatever this process executes from now on."""
    if prctl is None:
        _leave_watcher(parent_pid, os.getpid())
        if os.getppid() != parent_pid:
            os._exit(1)
    else:
        die_with_parent(parent_pid)


def _leave_watcher(parent_pid: int, watched_pid: int) -> None:
    """A process that kills another one after its parent has ended; it is no child of either, which would count it."""
    if between := os.fork():
        os.waitpid(between, 0)
        return
    if os.fork() == 0:
        os.closerange(0, DESCRIPTORS_MOST)
        while _runs(watched_pid):
            if not _runs(parent_pid):
                os.kill(watched_pid, signal.SIGKILL)
                break
            time.sleep(LOOK_EVERY_S)
    os._exit(0)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


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
    stay_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
