"""Checks the preconditions of a run, without starting anything."""

import os
import platform
import resource
import sys
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from harness import registry
from harness.cli.version import SHOWN, installed
from harness.contenders.contender import contender_of
from harness.contenders.sides.declaration import coroutine_cannot
from harness.errors import WorkbenchError
from harness.machine import cores, kernel
from harness.machine.cgroups import memory_limit_mb
from harness.machine.scratch import left_behind
from harness.results import environment
from harness.services.brokers.broker import check_broker, kind, left_on
from harness.services.leftovers import waiting_for
from harness.services.servers.redis import candidates, no_server
from harness.services.url import Url
from harness.statistics.units import percent

CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
PYTHON_LEAST = (3, 11)
CORES_LEAST = 2
FILES_LEAST = 1024
MEMORY_LEAST_MB = 1000.0
BUSY_SHARE = 0.2
BUSY_SAMPLE_S = 0.5


class Finding(NamedTuple):
    """One precondition: met (ok), met with a drawback for the figures (warning), or not met (missing)."""

    state: Literal["ok", "warning", "missing"]
    subject: str
    text: str
    advice: str = ""


def examine(broker_url: Url | None) -> list[Finding]:
    """All findings; `missing` means that the run is not possible."""
    return [
        python(),
        *lacking(),
        packages(),
        *not_measured(),
        _redis(broker_url),
        _rabbitmq(),
        _cores(),
        _memory(),
        _governor(),
        _others(),
        _files(),
        _clock(),
        _leftovers(),
    ]


def python() -> Finding:
    """Whether this interpreter, on this system, can measure."""
    if (reason := kernel.no_run()) is not None:
        return Finding("missing", "system", reason)
    version = platform.python_version()
    if sys.version_info < PYTHON_LEAST:
        return Finding("missing", "Python", version, "install Python 3.11 or later")
    if sys.flags.dev_mode or os.environ.get("PYTHONASYNCIODEBUG"):
        return Finding("warning", "Python", f"{version}, in debug mode", "unset PYTHONDEVMODE and PYTHONASYNCIODEBUG")
    return Finding("ok", "Python", f"{version} ({sys.executable})")


def lacking() -> list[Finding]:
    """What of Linux this system does without, and what a run takes instead."""
    instead = kernel.instead_of(kernel.lacking())
    advice = "rows name what changes their figures; a run in a container has all of it: docker compose up"
    return [Finding("warning", "system", f"without {'; '.join(instead)}", advice)] if instead else []


def packages() -> Finding:
    """Versions of what is measured with."""
    return Finding("ok", "packages", ", ".join(f"{name} {installed(name)}" for name in (*SHOWN, "uvloop", "gevent")))


def not_measured() -> list[Finding]:
    """Contenders and workloads that need what is not installed here, by the reason."""
    names: dict[str | None, list[str]] = {}
    for name in sorted(registry.shipped("contender")):
        names.setdefault(contender_of(name).cannot("noop", None), []).append(name)
    for name in sorted(registry.shipped("workload")):
        names.setdefault(coroutine_cannot(name), []).append(name)
    return [Finding("ok", "not measured", ", ".join(names[reason]), reason) for reason in names if reason is not None]


def _redis(broker_url: Url | None) -> Finding:
    if broker_url is not None:
        try:
            check_broker(broker_url)
        except WorkbenchError as error:
            return Finding("missing", "broker", broker_url.shown, str(error))
        if left := left_on(broker_url, remove=False):
            others = f" and of {len(left) - 1} others" if len(left) > 1 else ""
            text = f"{broker_url} has keys of a run that was killed ({left[0]}*){others}"
            return Finding(
                "warning", "broker", text, "workbench doctor --clean --broker URL; the next run removes them"
            )
        return Finding("ok", "broker", f"{broker_url} answers")
    server = next((candidate for candidate in candidates() if candidate.usable), None)
    if server is None:
        advice = (
            "install Redis 6.2 or later (Debian: apt-get install redis-server), or give --broker redis://HOST:PORT/0"
        )
        return Finding("missing", "Redis", no_server(), advice)
    return Finding("ok", "Redis", f"{server}; 6.2 or later is needed")


def _rabbitmq() -> Finding:
    """Whether a run can start one for contenders that are to have it."""
    if (reason := kind("rabbitmq").cannot_start()) is not None:
        return Finding("ok", "no RabbitMQ", "contenders on it (@rabbitmq) are left out", reason)
    return Finding("ok", "RabbitMQ", "a run starts one for contenders on it (@rabbitmq), or with --broker rabbitmq")


def _cores() -> Finding:
    usable, quota = cores.cpus(), cores.cpu_quota()
    text = f"{usable} usable, {cores.cpu_model() or 'model unknown'}"
    if quota is not None:
        text += f"; a CPU quota grants {quota:g} cores"
    if min(usable, quota or usable) < CORES_LEAST:
        advice = "driver and workers share less than two cores: compare CPU per request, not requests/s"
        if quota is not None and usable >= CORES_LEAST:
            advice += f"; raise the quota to {CORES_LEAST} cores or more (docker run --cpus)"
        return Finding("warning", "cores", text, advice)
    return Finding("ok", "cores", text)


def _memory() -> Finding:
    total_mb, limit_mb = psutil.virtual_memory().total / 1e6, memory_limit_mb()
    if limit_mb is None or limit_mb >= total_mb:
        return Finding("ok", "memory", f"{total_mb:,.0f} MB")
    text = f"{limit_mb:,.0f} MB, by the limit of a cgroup"
    if limit_mb < MEMORY_LEAST_MB:
        return Finding(
            "warning", "memory", text, "raise the limit (docker run --memory): four pools of 16 need about 1 GB"
        )
    return Finding("ok", "memory", text)


def _governor() -> Finding:
    governor = environment.governor()
    if governor is None:
        return Finding("ok", "governor", "not reported by this kernel (usual in virtual machines)")
    if governor != "performance":
        return Finding("warning", "governor", governor, "cpupower frequency-set -g performance, for steadier figures")
    return Finding("ok", "governor", governor)


def _others() -> Finding:
    busy = psutil.cpu_times_percent(BUSY_SAMPLE_S)
    share = (100 - busy.idle - getattr(busy, "iowait", 0.0)) / 100
    steal = getattr(busy, "steal", 0.0)
    text = (
        f"{percent(share)} of the machine is busy now, {percent(steal / 100)} stolen by the hypervisor; "
        f"load {os.getloadavg()[0]:.2f}"
    )
    if share > BUSY_SHARE or steal > 5:
        return Finding("warning", "load from others", text, "stop other programs: they distort every figure")
    return Finding("ok", "load from others", text)


def _files() -> Finding:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_LEAST:
        return Finding("warning", "open files", f"at most {soft}", "ulimit -n 4096, for many connections")
    return Finding("ok", "open files", f"at most {soft}")


def _clock() -> Finding:
    try:
        return Finding("ok", "clock source", CLOCK_SOURCE.read_text("ascii").strip())
    except OSError:
        return Finding("ok", "clock source", "not reported by this kernel")


def _leftovers() -> Finding:
    folders = left_behind()
    if folders:
        text = f"temporary folders of {len(folders)} runs that were killed, such as {folders[0]}"
        advice = "workbench doctor --clean; the next run removes them too"
        if servers := sorted({server for folder in folders for server in waiting_for(folder)}):
            advice += f"; with --broker URL also what they left on {', '.join(servers)}"
        return Finding("warning", "leftovers", text, advice)
    return Finding("ok", "leftovers", "none")
