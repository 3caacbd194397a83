"""The machine as a whole: how busy its CPUs were, what the hypervisor took, what the run itself has used of it."""

import gzip
import os
from functools import cache
from pathlib import Path

import msgspec
import psutil

from harness.machine import kernel
from harness.machine.cgroups import ROOT, Quota, oom_kills, quotas
from harness.machine.cores import cpu_ids
from harness.machine.usage import cpu_of, process_tree

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class MachineReading(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of the machine's counters."""

    at_ns: int
    busy_s: float
    """CPU-seconds since boot of the CPUs that this process may use: all processes, and interrupts."""
    interrupts_s: float = 0.0
    """Of these, hardware and software interrupts that no process is charged for."""
    steal_s: float
    """CPU-seconds that the hypervisor gave to other machines."""
    own_s: float
    """CPU-seconds of this process and everything below it."""
    session_s: float = 0.0
    """Of these, this process alone."""
    quotas: list[Quota] = []
    """Those that bind this process."""
    oom_kills: int | None = None
    """Processes of this cgroup that the kernel has killed because memory was used up."""
    lacking: list[str] = []
    """What this system lacks, by the names of `harness.machine.kernel`."""


def read_machine(root: Path = ROOT) -> MachineReading | None:
    """Read the machine and this process's tree at one moment; None if the kernel does not show it."""
    tree = process_tree(psutil.Process())
    try:
        user, nice, system, _idle, _iowait, irq, softirq, steal = _times(root)
    except (OSError, ValueError):
        return None
    at_ns, each, ended_s = cpu_of(tree)
    return MachineReading(
        at_ns=at_ns,
        busy_s=user + nice + system + irq + softirq,
        interrupts_s=irq + softirq if interrupts_are_apart(root, os.uname().release) else 0.0,
        steal_s=steal,
        own_s=sum(each) + ended_s,
        session_s=each[0],
        quotas=quotas(root),
        oom_kills=oom_kills(root),
        lacking=kernel.lacking(),
    )


def _times(root: Path) -> list[float]:
    """User, nice, system, idle, iowait, irq, softirq and steal, in s, summed over the CPUs that may be used."""
    if not kernel.PROC_STAT:
        times = psutil.cpu_times()
        return [times.user, times.nice, times.system, times.idle, 0.0, 0.0, 0.0, 0.0]
    usable = {f"cpu{number}" for number in cpu_ids()}
    lines = [line.split() for line in (root / "proc/stat").read_text("ascii").splitlines()]
    rows = [words[1:9] for words in lines if words and words[0] in usable]
    return [sum(map(int, column)) / TICKS_PER_S for column in zip(*rows, strict=True)]


@cache
def interrupts_are_apart(root: Path, release: str) -> bool:
    """Whether the kernel counts interrupts apart from the process that they interrupt (CONFIG_IRQ_TIME_ACCOUNTING).

    Else their time is a part of that process's. False where the kernel's configuration cannot be read.
    """
    for file, opened in ((root / "proc/config.gz", gzip.open), (root / f"boot/config-{release}", open)):
        try:
            with opened(file, "rb") as config:
                return any(line.startswith(b"CONFIG_IRQ_TIME_ACCOUNTING=y") for line in config)
        except OSError:  # this kernel keeps it elsewhere
            continue
    return False
