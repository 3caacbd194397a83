"""Says whether the process that works in a folder still lives: it holds a lock on it, which the kernel takes away."""

import contextlib
import fcntl
import os
from pathlib import Path


def hold(folder: Path) -> int:
    """Hold a folder until the descriptor returned is closed, or this process has ended, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # not inherited by what is executed
    with contextlib.suppress(OSError):  # a file system without locks
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def is_held(folder: Path) -> bool:
    """Whether a process holds it. True too where that cannot be known, such as without permission to open it."""
    return _is_held(folder, unknown=True)


def is_surely_held(folder: Path) -> bool:
    """The same; False where that cannot be known."""
    return _is_held(folder, unknown=False)


def _is_held(folder: Path, *, unknown: bool) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return unknown
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return unknown
    finally:
        os.close(descriptor)
    return False
