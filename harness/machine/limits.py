"""Limits of this machine that a run can reach: threads and processes, memory; named where they are what failed."""

import errno
import resource
from collections.abc import Iterator
from pathlib import Path

from harness.machine.cgroups import ROOT, memory_limit_mb, oom_kills, pids_limit

VMSTAT = Path("/proc/vmstat")
NO_THREAD = "can't start new thread"
NO_PLACE = "No usable temporary directory"
"""As `tempfile` says it."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def exhausted(error: BaseException) -> str | None:
    """What has run out, with the limits that may be why; None for an error that is about something else."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return f"this machine grants no more memory{_named(_of_memory())}."
    refused = isinstance(error, RuntimeError) and str(error).startswith(NO_THREAD)
    if refused or (isinstance(error, BlockingIOError) and error.errno == errno.EAGAIN):
        limits = [*_of_processes(), *_of_memory()]
        return f"this machine starts no further thread or process ({error}){_named(limits)}."
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return f"this machine opens no further file or connection{_named([f'{soft:,} of a process (ulimit -n)'])}."
    return None


def unwritable(error: BaseException) -> str | None:
    """Which file could not be written, and why, where a disk is full or takes nothing; None for any other error."""
    if not isinstance(error, OSError):
        return None
    if error.errno in FULL:
        return f"{error.filename or 'a file'} cannot be written: {error.strerror}. Make room, or use another place."
    if str(error.strerror).startswith(NO_PLACE):
        return "there is no place for temporary files that can be written. Set TMPDIR to one."
    return None


def _named(limits: list[str]) -> str:
    return f"; its limits: {', '.join(limits)}. Raise them, or use fewer slots" if limits else ""


def _of_processes() -> Iterator[str]:
    if (most := pids_limit()) is not None:
        yield f"{most} threads and processes in its cgroup (docker run --pids-limit)"
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if soft != resource.RLIM_INFINITY:
        yield f"{soft:,} of its user (ulimit -u)"


def _of_memory() -> list[str]:
    limits = []
    if (most_mb := memory_limit_mb()) is not None:
        limits.append(f"{most_mb:,.0f} MB in its cgroup (docker run --memory)")
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(f"{soft / 1e6:,.0f} MB of addresses a process (ulimit -v)")
    return limits


class KernelKills:
    """Tells, of a process that ended since this was made, whether the kernel killed it because memory was used up."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._before = self._count()

    def why(self) -> str:
        """The reason; empty where it did not."""
        if self._count() <= self._before:
            return ""
        return ", by the kernel, because memory was used up" + "".join(f": {limit}" for limit in _of_memory()[:1])

    def _count(self) -> int:
        """In this cgroup; on the whole machine where that is not reported."""
        counted = oom_kills(self._root)
        if counted is not None:
            return counted
        try:
            lines = (self._root / VMSTAT.relative_to("/")).read_text("ascii").splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
