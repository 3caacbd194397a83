"""The environment of a run: what its figures depend on, and what a reader needs to repeat it."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

from harness.machine.cgroups import memory_limit_mb
from harness.machine.cores import cpu_model, cpu_quota, cpus
from harness.machine.usage import boot_id
from harness.results import model

PACKAGES = ("celery", "kombu", "billiard", "redis", "hiredis", "aiohttp", "uvloop", "gevent", "urllib3", "requests")
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def environment(brokers: list[model.BrokerDescription], origin: str | None) -> model.Environment:
    """The environment now; `load_average` is that of the last minute before the run."""
    return model.Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        cpus=cpus(),
        cpu_quota=cpu_quota(),
        cpu_model=cpu_model(),
        memory_mb=psutil.virtual_memory().total / 1e6,
        memory_limit_mb=memory_limit_mb(),
        packages={name: metadata.version(name) for name in PACKAGES},
        broker=brokers[0] if brokers else None,
        brokers=brokers,
        origin=origin,
        git=git_commit(),
        governor=governor(),
        load_average=os.getloadavg()[0],
        boot_id=boot_id(),
    )


def governor() -> str | None:
    """Frequency governor of the first CPU; None if the kernel reports none (virtual machines)."""
    try:
        return GOVERNOR.read_text("ascii").strip()
    except OSError:
        return None


def git_commit() -> str | None:
    """Commit of the workbench, with `-dirty` if files differ from it; None without git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
