"""Says whether the process that works in a folder still lives: it holds a lock on it, which the kernel takes away."""

import fcntl
import os
from pathlib import Path


def hold(folder: Path) -> int:
    """Hold a folder until the descriptor returned is closed, or this process has ended, however it ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # not inherited by what is executed
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def is_held(folder: Path) -> bool:
    """Whether a process holds it. True too where that cannot be known, such as without permission to open it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or a file system without locks
        return True
    finally:
        os.close(descriptor)
    return False
