"""Rows of services: an origin that was given, a broker that loses keys, a CPU quota, a bottleneck, a search."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.bounds.command import Ended, free_port, server, workbench
from benchmarks.bounds.row import TOLERANCE, Row, Verdict, below, near, not_run
from harness.services.servers.redis import find_server
from harness.statistics.units import percent

ONE_TRIAL = ("--rounds", "1", "--duration", "1s")
CPU_GROUP = Path("/sys/fs/cgroup/cpu")
QUOTA_CORES, PERIOD_US = 0.5, 100_000


def rows() -> Iterator[Row]:
    """One after the other."""
    yield own_origin()
    yield from another_origin()
    yield find_rate()
    yield waves()
    yield evicting()
    yield bottleneck()
    yield quota()


def _rate(ended: Ended) -> float:
    summary = ended.cell().summary
    assert summary is not None, ended.said
    return summary.throughput_per_s


def own_origin() -> Row:
    """Its parameter arrives."""
    asked = "--origin of the workbench's own, http_date.latency_ms=250, asyncio:4, closed:4"
    port = free_port()
    with server(sys.executable, "-m", "origin", "--port", str(port), port=port):
        ended = workbench(
            *("-w", "http_date", "-c", "asyncio:4", "--load", "closed:4", "--set", "http_date.latency_ms=250"),
            *("--origin", f"http://127.0.0.1:{port}", *ONE_TRIAL),
        )
    return near(asked, _rate(ended), 16, "/s", "4 slots ÷ 0.25 s")


def another_origin() -> Iterator[Row]:
    """A parameter that was set is refused; a default is said to be not sent, and is in no ceiling."""
    port = free_port()
    run = ("-w", "http_date", "-c", "asyncio:4", "--load", "closed:4", "--origin", f"http://127.0.0.1:{port}")
    with server(sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", port=port):
        ended = workbench(*run, "--set", "http_date.latency_ms=5")
        yield refused("--origin of another service, http_date.latency_ms=5", ended)
        cell = workbench(*run, *ONE_TRIAL).cell()
    unsent = cell.not_in_effect.get("latency_ms", "")
    right = unsent.startswith("not sent") and cell.ceiling_per_s is None and cell.ideal_s is None
    figure = f"latency_ms: {unsent.partition(':')[0] or 'as sent'}; ceiling {cell.ceiling_per_s or 'none'}"
    yield Row("the same with the default", figure, "no ceiling", "the service itself", "right" if right else "WRONG")


def refused(asked: str, ended: Ended) -> Row:
    """Exit status 2, before anything starts."""
    good = ended.status == 2 and ended.results is None
    return Row(asked, ended.said[:110], "exit 2, nothing started", "the definition", "refused" if good else "WRONG")


def find_rate() -> Row:
    """No queue is stable at a utilisation of 1."""
    ended = workbench(
        *("-w", "sleep", "--set", "sleep.seconds=0.2", "-c", "fake:64", "--find-rate", "p99<1s", "--rounds", "1"),
    )
    found = ended.cell().highest_rate
    assert found is not None
    asked = "--find-rate 'p99<1s', 64 slots of 0.2 s (virtual time)"
    return below(asked, found.rate_per_s or 0.0, 320, "/s", "64 slots ÷ 0.2 s", 0.9)


def waves() -> Row:
    """The interval of five rounds holds the rate of a load that finishes in waves."""
    ended = workbench(
        *("-w", "sleep", "--set", "sleep.seconds=0.7", "-c", "fake:16", "--load", "closed:40"),
        *("--rounds", "5", "--duration", "1s"),
    )
    summary = ended.cell().summary
    assert summary is not None
    assert summary.throughput_ci95 is not None
    low, high = summary.throughput_ci95
    bound = 16 / 0.7
    right = low * (1 - TOLERANCE) <= bound <= high * (1 + TOLERANCE)
    figure = f"{summary.throughput_per_s:.4g}/s, interval {low:.4g} to {high:.4g}"
    asked = "interval of 5 rounds, waves of 16 that the window cuts (virtual time)"
    return Row(asked, figure, f"{bound:.4g}/s", "16 slots ÷ 0.7 s", "right" if right else "WRONG")


def evicting() -> Row:
    """Messages that the broker drops are no rate."""
    asked = "a Redis that evicts (maxmemory 2mb, allkeys-random), drain:600"
    binary = find_server()
    if binary is None:
        return not_run(asked, "no Redis is installed")
    port = free_port()
    options = ("--bind", "127.0.0.1", "--save", "", "--maxmemory", "2mb", "--maxmemory-policy", "allkeys-random")
    with server(str(binary), "--port", str(port), *options, port=port):
        ended = workbench(
            *("-w", "noop", "--set", "noop.payload_bytes=4000", "-c", "celery-threads:4", "--load", "drain:600"),
            *("--rounds", "1", "--timeout", "1s", "--broker", f"redis://127.0.0.1:{port}/0"),
        )
    if ended.results is None:
        verdict: Verdict = "refused" if ended.status == 3 else "WRONG"
        return Row(asked, ended.said[-110:], "no rate", "INFO evicted_keys", verdict)
    trial = ended.cell().trials[-1]  # those that others disturbed were measured again
    figure = f"{trial.status}: {trial.error}, {trial.lost} of {trial.submitted} lost"
    good = trial.status != "measured" and ended.status == 1
    return Row(asked, figure, "no rate", "the broker's own count, INFO evicted_keys", "impossible" if good else "WRONG")


def bottleneck() -> Row:
    """Where the machine is busy, what made it so is named."""
    psutil.cpu_percent()
    run = ("-w", "noop", "-c", "celery-prefork:2", "--load", "closed:32", "--rounds", "1", "--duration", "4s")
    ended = workbench(*run)
    busy = psutil.cpu_percent()
    trial = ended.cell().trials[-1]  # those that others disturbed were measured again
    figure = f"limited by {trial.bottleneck or 'nothing'}"
    known = f"/proc/stat: the machine was {percent(busy / 100)} busy, starts included"
    verdict: Verdict = "named" if trial.bottleneck else "WRONG"
    return Row("no-op on celery-prefork:2, closed:32", figure, "a name", known, verdict)


def quota() -> Row:
    """Half a core serves half of what a core would."""
    asked = f"CPU quota of {QUOTA_CORES:g} core, mixed_cpu of 20 ms of CPU, asyncio:2"
    group = CPU_GROUP / f"workbench-bench-{os.getpid()}"
    try:
        group.mkdir()
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(round(QUOTA_CORES * PERIOD_US)))
    except OSError as error:
        return not_run(asked, f"no cgroup of CPU can be made here: {error.strerror}")
    try:
        ended = workbench(
            *("-w", "mixed_cpu", "--set", "mixed_cpu.work_ms=20", "--set", "mixed_cpu.cpu_percent=100"),
            *("-c", "asyncio:2", "--load", "closed:2", "--rounds", "1", "--duration", "4s"),
            before=lambda: _enter(group),
        )
    finally:
        group.rmdir()
    trial = ended.cell().trials[-1]  # those that others disturbed were measured again
    assert trial.throughput_per_s is not None, trial.error
    bound = QUOTA_CORES / 0.02
    named = "quota" in (trial.bottleneck or "")
    right = named and trial.throughput_per_s <= bound * (1 + TOLERANCE)
    disturbed = any(doubt.kind == "noisy-machine" for doubt in trial.doubts)
    verdict: Verdict = "right" if right else "disturbed" if disturbed else "WRONG"
    figure = f"{trial.throughput_per_s:.4g}/s, limited by {trial.bottleneck}"
    known = f"{QUOTA_CORES:g} core ÷ 0.02 s, less what the session itself uses"
    return Row(asked, figure, f"at most {bound:g}/s, and the quota named", known, verdict)


def _enter(group: Path) -> None:
    """In the process of the command, before it begins."""
    (group / "cgroup.procs").write_text(str(os.getpid()))
