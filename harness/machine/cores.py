"""How many cores this process and its children may use."""

import os
import platform
from pathlib import Path

from harness.machine import kernel, sysctl
from harness.machine.cgroups import ROOT, quotas

BRAND = "machdep.cpu.brand_string"
"""What macOS calls the processor's name."""


def cpus() -> int:
    """CPUs on which this process may run (its affinity, which cpusets narrow too)."""
    return len(cpu_ids())


def cpu_ids() -> list[int]:
    """Their numbers; where the system knows no affinity, all."""
    return sorted(os.sched_getaffinity(0)) if kernel.AFFINITY else list(range(os.cpu_count() or 1))


def cpu_quota(root: Path = ROOT) -> float | None:
    """Cores that the tightest quota of the cgroups around this process grants; None without one."""
    return min((quota.cores for quota in quotas(root)), default=None)


def cores(root: Path = ROOT) -> float:
    """Cores that may be used: CPUs, or the quota where that is less."""
    quota = cpu_quota(root)
    return cpus() if quota is None else min(cpus(), quota)


def cpu_model() -> str | None:
    """The processor's name, as the kernel reports it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        return sysctl.text(BRAND) or platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)
