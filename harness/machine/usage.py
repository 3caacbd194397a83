"""What a process tree has used: CPU-seconds and memory, reported by each role about itself."""

import contextlib
import os
import platform
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache, reduce
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import psutil

from harness.machine import kernel, sysctl
from harness.machine.cgroups import Quota, quotas
from harness.machine.cores import cores, cpu_ids
from harness.machine.memory import memory_of
from harness.machine.starts import start_of
from harness.machine.switches import Switches, switches_of

AT_ONCE_NS = 2_000_000
"""Clocks that are read within this time are read at one moment."""
TIMES_READ = 5
"""How often that is tried, at the most; a clock takes some microseconds."""
TIME_NAMESPACE = Path("/proc/self/ns/time")
FIRST_TIME_NAMESPACE = 0xEFFFFFFA
"""PROC_TIME_INIT_INO of the kernel's include/linux/proc_ns.h."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
BOOT_SESSION = "kern.bootsessionuuid"
"""What macOS calls the same."""
SEVERAL = "several"
"""In the place of a boot id, where processes run under different kernels."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of a role's counters; two of them give its usage in between."""

    at_ns: int
    """The role's own monotonic clock: only differences mean anything elsewhere."""
    cpu_s: float
    """CPU-seconds (user and system) of the whole tree since it started."""
    main_cpu_s: float
    """Of these, the tree's first process; what processes took that it has started and waited for is theirs."""
    processes: int
    cpu_each: dict[str, float] = {}
    """CPU-seconds of each process that runs, by its id: those that have ended are in `cpu_s` alone."""
    memory_mb: float | None = None
    """Memory now, in 10^6 bytes; None if only CPU was read."""
    memory_kind: str | None = None
    """`pss` (shared pages counted once over the tree) or `rss`."""
    count: int | None = None
    """Units of work done since the start, as the role itself counts them."""
    busy_s: float | None = None
    """How long these took, added up, as the role itself timed them."""
    parts: float | None = None
    """What the work under way amounts to, each unit by the part of its time that has passed."""
    continued: int | None = None
    """How often a signal had stopped it, and it went on, since the start, as the role itself counts that."""
    connections: int | None = None
    """Connections that clients have used within the last second, where the role reports it."""
    accepted: int | None = None
    """Connections that it has accepted since the start, where the role reports it."""
    evicted: int | None = None
    """Keys that it has dropped for want of memory since the start, where the role reports it."""
    shards: list["Reading"] = []
    """Of each, where several brokers of one kind are read together."""
    calls: dict[str, int] = {}
    """Commands that it has processed since the start, by name, where it reports them."""
    bytes_moved: int | None = None
    """Bytes that it has received and sent since the start, where it reports them."""
    switches: Switches | None = None
    """Context switches of its processes since the start, where they can be seen."""
    cores: float | None = None
    """Cores that the role may use: its CPUs, or the quota of its cgroups where that is less; None if not reported."""
    quotas: list[Quota] = []
    """CPU quotas that bind the role."""
    cpu_ids: list[int] = []
    """Numbers of the CPUs on which it may run, under its kernel; empty where it does not say."""
    boot_id: str = ""
    """Of the kernel under which the role runs; empty if not reported."""
    walls_s: list[float] = []
    """Wall clock of each machine or process that is part of the role when it was read; none if not reported."""
    started: str = ""
    """Which of its starts this is: after another one, all counts begin at 0; empty if not reported."""
    lacking: list[str] = []
    """What its system lacks, by the names of `harness.machine.kernel`."""


def read_tree(
    pid: int | None = None,
    *,
    memory: bool = False,
    forked: bool = False,
    count: int | None = None,
    busy_s: float | None = None,
    parts: float | None = None,
) -> Reading:
    """Read the tree of processes below `pid` (this process, where None).

    Memory takes about a millisecond a process. `forked`: the first process was forked from a template (see
    `harness.machine.memory`).
    """
    tree = process_tree(psutil.Process(pid))
    at_ns, cpu_each, ended_s = cpu_of(tree)
    megabytes, kind = memory_of([process.pid for process in tree], forked=forked) if memory else (None, None)
    return Reading(
        at_ns=at_ns,
        cpu_s=sum(cpu_each) + ended_s,
        main_cpu_s=cpu_each[0],
        processes=len(tree),
        cpu_each={str(process.pid): cpu_s for process, cpu_s in zip(tree, cpu_each, strict=True)},
        memory_mb=megabytes,
        memory_kind=kind,
        count=count,
        busy_s=busy_s,
        parts=parts,
        switches=switches_of(process.pid for process in tree),
        cores=cores(),
        cpu_ids=cpu_ids(),
        quotas=quotas(),
        boot_id=boot_id(),
        walls_s=[time.time()],
        started=f"{tree[0].pid} {start_of(tree[0].pid)}",
        lacking=kernel.lacking(),
    )


def together(readings: list[Reading]) -> Reading:
    """The usage of several workers or drivers as one: sums, at the mean of the moments at which each read its clock.

    `main_cpu_s` is the mean of their first processes, because each has a core of its own to use up.
    """
    switches = [reading.switches for reading in readings]
    memories = [reading.memory_mb for reading in readings]
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
        count=_sum_of_known([reading.count for reading in readings]),
        continued=_sum_of_known([reading.continued for reading in readings]),
        calls=dict(sum((Counter(reading.calls) for reading in readings), Counter())),
        bytes_moved=_sum_of_known([reading.bytes_moved for reading in readings]),
        accepted=_sum_of_known([reading.accepted for reading in readings]),
        evicted=_sum_of_known([reading.evicted for reading in readings]),
        switches=None if None in switches else reduce(Switches.plus, filter(None, switches)),
        cores=_cores_of(readings),
        cpu_ids=_cpu_ids_of(readings),
        quotas=[
            msgspec.structs.replace(quota, cgroup=f"{index}:{quota.cgroup}")
            for index, reading in enumerate(readings)
            for quota in reading.quotas
        ],
        boot_id=readings[0].boot_id if len({reading.boot_id for reading in readings}) == 1 else SEVERAL,
        walls_s=[wall_s for reading in readings for wall_s in reading.walls_s],
        started=", ".join(reading.started for reading in readings),
        lacking=sorted({name for reading in readings for name in reading.lacking}),
    )


def _cpu_ids_of(readings: list[Reading]) -> list[int]:
    """Those of all; none where they run under different kernels, or one does not say."""
    one_kernel = len({kernel_of(reading.boot_id) for reading in readings}) == 1
    known = one_kernel and all(reading.cpu_ids for reading in readings)
    return sorted({number for reading in readings for number in reading.cpu_ids}) if known else []


def _cores_of(readings: list[Reading]) -> float | None:
    """All of them together; processes that run on the same CPUs share them."""
    added, ids = _sum_of_known([reading.cores for reading in readings]), _cpu_ids_of(readings)
    return min(added, float(len(ids))) if ids and added is not None else added


N = TypeVar("N", int, float)


def _sum_of_known(values: Sequence[N | None]) -> N | None:
    """The sum; None if one of them is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def process_tree(root: psutil.Process) -> list[psutil.Process]:
    """The process and all below it, by the kernel's `children` files: to list every process takes ten times as long."""
    if not kernel.CHILDREN:
        return [root, *_below(root)]
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


def _below(root: psutil.Process) -> list[psutil.Process]:
    """By a list of all processes; none where it has ended in the meantime."""
    try:
        return root.children(recursive=True)
    except psutil.Error:
        return []


class TreeCpu(NamedTuple):
    """CPU-seconds of each process of a tree, at a moment of the monotonic clock."""

    at_ns: int
    each: list[float]
    ended_s: float
    """Of processes that these have started and waited for, such as a command that the work runs: all of them."""


def cpu_of(tree: list[psutil.Process]) -> TreeCpu:
    """Of each, to the nanosecond; 0 of one that has ended: what it took is with those that its parent has waited for.

    By the process's own CPU clock, clock_getcpuclockid(3): /proc counts in ticks of 10 ms. All clocks are read at once,
    and everything else before or after: on a busy machine, a process that reads files is interrupted meanwhile, and
    its stamp would be that of no moment. Where that happens all the same, they are read again. A system without such
    clocks is asked by psutil.
    """
    clocks = [kernel.cpu_clock(process.pid) for process in tree]
    for _ in range(TIMES_READ):
        before_ns = time.monotonic_ns()
        own = list(map(_clock_s, clocks) if kernel.CPU_CLOCKS else map(_cpu_s, tree))
        took_ns = time.monotonic_ns() - before_ns
        if took_ns <= AT_ONCE_NS:
            break
    at_ns = before_ns + took_ns // 2
    ended_s = sum(_waited_s(process) for cpu_s, process in zip(own, tree, strict=True) if cpu_s)
    return TreeCpu(at_ns, own, ended_s)


def _clock_s(clock: int) -> float:
    try:
        return time.clock_gettime(clock)
    except OSError:  # the process has ended
        return 0.0


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:  # it has ended
        return 0.0
    return float(times.user + times.system)


def _waited_s(process: psutil.Process) -> float:
    """CPU-seconds of the children that it has waited for."""
    try:
        times = process.cpu_times()
    except psutil.Error:  # it has ended
        return 0.0
    return float(times.children_user + times.children_system)


@cache
def boot_id() -> str:
    """The kernel's boot id: monotonic clocks may be compared only where it is the same.

    With the time namespace where that is not the kernel's first one: its clocks are ahead of the others', or behind.
    """
    try:
        boot = BOOT_ID.read_text("ascii").strip()
    except OSError:  # no Linux
        return sysctl.text(BOOT_SESSION) or sha256(f"{platform.node()} {psutil.boot_time():.0f}".encode()).hexdigest()
    try:
        namespace = TIME_NAMESPACE.stat().st_ino
    except OSError:  # a kernel before 5.6, which has none
        return boot
    return boot if namespace == FIRST_TIME_NAMESPACE else f"{boot}+{namespace}"


def kernel_of(identity: str) -> str:
    """What of a `boot_id` says which machine it is, whatever the clocks there say."""
    return identity.partition("+")[0]


def as_json(reading: Reading) -> dict[str, Any]:
    """Plain values for a JSON reply."""
    return msgspec.to_builtins(reading)  # type: ignore[no-any-return]
