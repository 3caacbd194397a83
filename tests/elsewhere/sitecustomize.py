"""Takes from Python what only Linux has: about what macOS has is left. For a whole run, by `PYTHONPATH`.

The guard of a run takes no module from there: `python -I -S sitecustomize.py GUARD PARENT_PID COMMAND …` runs it so.
"""

import ctypes
import errno
import os
import runpy
import select
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any

HIDDEN = ("/proc", "/sys")
ABSENT: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (os, ("eventfd", "memfd_create", "pidfd_open", "sched_getaffinity", "sched_setaffinity", "timerfd_create")),
    (select, ("epoll",)),
    (socket, ("SOCK_SEQPACKET", "SO_REUSEPORT")),
    (time, ("CLOCK_BOOTTIME",)),
)
NOT_IN_LIBC = ("prctl", "timerfd_create", "timerfd_settime")


def hide_functions_of_libc() -> None:
    """From ctypes."""
    found = ctypes.CDLL.__getattr__

    def find(self: ctypes.CDLL, name: str) -> Any:
        if name in NOT_IN_LIBC:
            raise AttributeError(name)
        return found(self, name)

    ctypes.CDLL.__getattr__ = find  # type: ignore[method-assign]


def is_hidden(path: object) -> bool:
    """Whether it is a file of Linux, unless psutil asks, which here is that of Linux."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path).startswith(HIDDEN):
        return False
    frame: FrameType | None = sys._getframe()
    while frame is not None and not frame.f_globals.get("__name__", "").startswith("psutil"):
        frame = frame.f_back
    return frame is None


def no_such(path: object) -> OSError:
    """As the kernel says it."""
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def hide_files() -> None:
    """Opened, listed or looked at."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and is_hidden(arguments[0]):
            raise no_such(arguments[0])

    sys.addaudithook(refuse)
    stat = os.stat

    def look(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if is_hidden(path):
            raise no_such(path)
        return stat(path, *arguments, **options)

    os.stat = look


def hide_clocks() -> None:
    """Those of other processes."""
    gettime = time.clock_gettime

    def read(clock: int) -> float:
        if clock < 0:
            raise OSError("no such clock")
        return gettime(clock)

    time.clock_gettime = read


class Popen(subprocess.Popen[Any]):
    """Starts the guard of a run so that it finds no prctl either: it runs without this module."""

    def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
        isolated = ["-I", "-S"]
        if isinstance(args, list | tuple) and list(args[1:3]) == isolated:
            args = [args[0], *isolated, __file__, *args[3:]]
        super().__init__(args, *rest, **options)


if __name__ == "__main__":
    hide_functions_of_libc()
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
elif __name__ == "sitecustomize":  # not where it is only checked
    hide_functions_of_libc()
    for module, names in ABSENT:
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    hide_files()
    hide_clocks()
    subprocess.Popen = Popen  # type: ignore[misc]
