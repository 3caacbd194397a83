"""What a process tree has used: CPU-seconds and memory, reported by each role about itself."""

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import psutil

CPUCLOCK_SCHED = 2


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of a role's counters; two of them give its usage in between."""

    at_ns: int
    """The role's own monotonic clock: only differences mean anything elsewhere."""
    cpu_s: float
    """CPU-seconds (user and system) of the whole tree since it started."""
    main_cpu_s: float
    """Of these, the tree's first process."""
    processes: int
    cpu_each: dict[str, float] = {}
    """CPU-seconds of each process, by its id."""
    memory_mb: float | None = None
    """Memory now, in 10^6 bytes; None if only CPU was read."""
    memory_kind: str | None = None
    """`pss` (shared pages counted once over the tree) or `rss`."""
    count: int | None = None
    """Units of work done since the start, as the role itself counts them."""
    busy_s: float | None = None
    """How long these took, added up, as the role itself timed them."""
    connections: int | None = None
    """Connections that clients have used within the last second, where the role reports it."""


class MachineReading(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of the machine's counters."""

    at_ns: int
    busy_s: float
    """CPU-seconds of all processes since boot."""
    steal_s: float
    """CPU-seconds that the hypervisor gave to other machines."""
    own_s: float
    """CPU-seconds of this process and everything below it."""


def read_tree(
    pid: int | None = None,
    *,
    memory: Literal["pss", "rss"] | None = None,
    count: int | None = None,
    busy_s: float | None = None,
) -> Reading:
    """Read the tree of processes below `pid` (this process, where None).

    `pss` falls back to `rss` where the kernel does not show it, and costs about a millisecond a process.
    A driver is read by `rss`: it is forked by a fork server, and what it shares with that is its own too.
    """
    tree = _tree(psutil.Process(pid))
    before_ns = time.monotonic_ns()
    cpu_each = [_cpu_s(process) for process in tree]
    at_ns = (before_ns + time.monotonic_ns()) // 2  # memory takes a millisecond a process, and is read after the clock
    megabytes, kind = _memory_mb(tree, memory) if memory else (None, None)
    return Reading(
        at_ns=at_ns,
        cpu_s=sum(cpu_each),
        main_cpu_s=cpu_each[0],
        processes=len(tree),
        cpu_each={str(process.pid): cpu_s for process, cpu_s in zip(tree, cpu_each, strict=True)},
        memory_mb=megabytes,
        memory_kind=kind,
        count=count,
        busy_s=busy_s,
    )


def together(readings: list[Reading]) -> Reading:
    """The usage of several workers or drivers as one: sums, at the mean of the moments at which each read its clock.

    `main_cpu_s` is the mean of their first processes, because each has a core of its own to use up.
    """
    memories = [reading.memory_mb for reading in readings]
    counts = [reading.count for reading in readings]
    kinds = {reading.memory_kind for reading in readings}
    cpu_each = {
        f"{index}.{pid}": cpu_s for index, reading in enumerate(readings) for pid, cpu_s in reading.cpu_each.items()
    }
    return Reading(
        at_ns=sum(reading.at_ns for reading in readings) // len(readings),
        cpu_s=sum(reading.cpu_s for reading in readings),
        main_cpu_s=sum(reading.main_cpu_s for reading in readings) / len(readings),
        processes=sum(reading.processes for reading in readings),
        cpu_each=cpu_each,
        memory_mb=_sum_of_known(memories),
        memory_kind=kinds.pop() if len(kinds) == 1 else "mixed",
        count=_sum_of_known(counts),
    )


N = TypeVar("N", int, float)


def _sum_of_known(values: Sequence[N | None]) -> N | None:
    """The sum; None if one of them is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def read_machine() -> MachineReading | None:
    """Read the machine and this process's tree at one moment; None if the kernel does not show it."""
    try:
        times = psutil.cpu_times()
    except OSError:
        return None
    return MachineReading(
        at_ns=time.monotonic_ns(),
        busy_s=times.user + times.nice + times.system + times.irq + times.softirq,
        steal_s=times.steal,
        own_s=sum(_cpu_s(process) for process in _tree(psutil.Process())),
    )


def _tree(root: psutil.Process) -> list[psutil.Process]:
    """The process and all below it, by the kernel's `children` files: to list every process takes ten times as long."""
    tree = [root]
    for process in tree:
        for pid in _children(process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended in the meantime
                tree.append(psutil.Process(pid))
    return tree


def _children(pid: int) -> list[int]:
    """Ids of the processes that any thread of a process has started; none where it has ended in the meantime."""
    pids: list[int] = []
    with contextlib.suppress(OSError):  # the process has ended in the meantime
        for thread in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):  # the thread has
                pids += map(int, Path(thread.path, "children").read_text("ascii").split())
    return pids


def _cpu_s(process: psutil.Process) -> float:
    """CPU-seconds of a process, to the nanosecond, and of the children it has already waited for.

    By the process's own CPU clock, clock_getcpuclockid(3): /proc counts in ticks of 10 ms, too coarse for a
    window of half a second.
    """
    try:
        own = time.clock_gettime(~process.pid << 3 | CPUCLOCK_SCHED)
        times = process.cpu_times()
    except (OSError, psutil.Error):
        return 0.0
    return float(own + times.children_user + times.children_system)


def _memory_mb(tree: list[psutil.Process], kind: Literal["pss", "rss"]) -> tuple[float, str]:
    if kind == "pss":
        pss = [_pss_bytes(process) for process in tree]
        if None not in pss:
            return sum(value or 0 for value in pss) / 1e6, "pss"
    rss = 0
    for process in tree:
        with contextlib.suppress(psutil.Error):  # it has ended, and has no memory
            rss += process.memory_info().rss
    return rss / 1e6, "rss"


def _pss_bytes(process: psutil.Process) -> int | None:
    """None if the kernel does not show it."""
    try:
        return getattr(process.memory_full_info(), "pss", None)
    except psutil.NoSuchProcess:
        return 0  # it ended between the listing and the reading
    except (psutil.AccessDenied, OSError):
        return None


def boot_id() -> str:
    """The kernel's boot id: monotonic clocks may be compared only where it is the same."""
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def as_json(reading: Reading) -> dict[str, Any]:
    """Plain values for a JSON reply."""
    return msgspec.to_builtins(reading)  # type: ignore[no-any-return]
