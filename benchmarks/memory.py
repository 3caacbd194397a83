"""Whether memory stays bounded, however many requests are measured.

`python -m benchmarks.memory`: a driver that issues ten million requests (`noop` on asyncio, 64 clients) must take no
more than 1.2 times the memory of one that issues a hundred thousand, and so must the fold of its spool. Each runs in a
process of its own; its memory is the most that was ever resident (VmHWM). The fold keeps one byte a request, to
reconcile each by its number: of ten million, 10 MB. The spool is 64 bytes a request, in a folder for temporary files
that is removed: 640 MB.

Redis then: the results of a trial are removed after it, so that what Redis uses must not grow from trial to trial.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import redis

from benchmarks.bench import bench
from benchmarks.harness_overhead import Deaf
from harness import registry
from harness.contenders.contender import Assignment, Contender
from harness.driver.driver import run_trial
from harness.driver.messages import Recording, TrialSpec
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.recording.spool import COLUMNS
from workloads.workload import Services

FEW, MANY = 100_000, 10_000_000
CLIENTS = 64
ROW_BYTES = 8 * len(COLUMNS)
SPARE = 1.1
GROWTH_MOST = 1.2
WORKERS = "celery-threads:4"
TRIAL_S = 2.0
FREED_S = 0.5
"""Redis frees what was unlinked in a thread of its own."""
RUN_LIMIT_S = 1200.0


def peak_mb() -> float:
    """The most memory of this process that was ever resident.

    Not `ru_maxrss`, which begins with that of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


async def drive(requests: int, spool: Path) -> Recording:
    """A whole trial of that many requests, in this process."""
    contender: Contender = registry.load("contender", "asyncio")
    spec = TrialSpec(
        contender=contender.name,
        assignment=Assignment(workload="noop", slots=None, services=Services()),
        params={},
        load=f"closed:{CLIENTS}",
        warmup_s=0.3,
        duration_s=None,
        requests=requests,
        timeout_s=30.0,
        seed=1,
        spool=str(spool),
        sampled=False,
    )
    recording = await run_trial(spec, Deaf(), contender)
    assert recording.status == "measured", recording.error
    return recording


def one_driver(requests: int, spool: Path) -> float:
    """Drive in this process; leaves spool and recording behind."""
    before = peak_mb()
    recording = asyncio.run(drive(requests, spool))
    after = peak_mb()
    spool.with_suffix(".json").write_bytes(msgspec.json.encode(recording))
    assert after >= before
    return after


def one_fold(requests: int, spool: Path) -> float:
    """Fold in this process, with all that a session has imported."""
    import harness.session.session  # noqa: F401

    recording = msgspec.json.decode(spool.with_suffix(".json").read_bytes(), type=Recording)
    fold = fold_spool(spool, FoldTerms(recording.opened_ns, recording.closed_ns, comparable=True), recording.issued)
    assert fold.counts.ok == requests, f"{fold.counts}"
    return peak_mb()


ONE = {"driver": one_driver, "fold": one_fold}


def fresh(kind: str, requests: int, spool: Path) -> float:
    """One of them in a process of its own; returns its peak in MB."""
    argv = [sys.executable, "-m", "benchmarks.memory", "--one", kind, "--many", str(requests), "--spool", str(spool)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True, timeout=RUN_LIMIT_S)
    return float(json.loads(done.stdout))


def of_requests(requests: int) -> dict[str, float]:
    """Peaks of a driver and of a fold of that many requests."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        spool = Path(folder) / "spool"
        peaks = {kind: fresh(kind, requests, spool) for kind in ONE}
        written_mb = spool.stat().st_size / 1e6
    shown = ", ".join(f"{kind} {peak:.1f} MB" for kind, peak in peaks.items())
    print(f"  {requests:>12,} requests: {shown} at its peak; spool {written_mb:,.0f} MB", flush=True)
    return peaks


def room(requests: int) -> str | None:
    """What is wrong with the space for the spool; None if there is enough."""
    needed, free = requests * ROW_BYTES * SPARE, shutil.disk_usage(tempfile.gettempdir()).free
    if free >= needed:
        return None
    return f"{tempfile.gettempdir()} has {free / 1e6:,.0f} MB free; {needed / 1e6:,.0f} MB are needed (or less --many)"


async def of_redis(trials: int) -> float:
    """Run the trials, print what Redis uses after each; returns the last ÷ the first."""
    load = "closed:16"
    async with bench(contenders=[WORKERS], loads=[load], duration=f"{TRIAL_S}s") as running:
        client = redis.Redis.from_url(running.place(WORKERS).broker.url.reveal())

        def used_mb() -> float:
            return int(client.info("memory")["used_memory"]) / 1e6

        print(f"  Redis before the first trial of {WORKERS}: {used_mb():.3f} MB")
        after = []
        for number in range(1, trials + 1):
            trial = await running.trial(f"noop/{WORKERS}/{load}", number)
            await asyncio.sleep(FREED_S)
            after.append(used_mb())
            print(f"  Redis after trial {number} ({trial.ok} requests in its window): {after[-1]:.3f} MB", flush=True)
        client.close()
    return after[-1] / after[0]


def main() -> None:
    """Exit 1 where memory grows by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--few", type=int, default=FEW, help="requests to compare with (default: %(default)s)")
    parser.add_argument("--many", type=int, default=MANY, help="requests (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=6, help="trials on Redis (default: %(default)s)")
    parser.add_argument("--one", choices=sorted(ONE), help=argparse.SUPPRESS)
    parser.add_argument("--spool", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(ONE[options.one](options.many, options.spool)))
        return
    if (problem := room(options.many)) is not None:
        sys.exit(problem)
    print(f"asyncio, noop, {CLIENTS} clients; a spool of up to {options.many * ROW_BYTES / 1e6:,.0f} MB")
    few, many = of_requests(options.few), of_requests(options.many)
    growth = {kind: many[kind] / few[kind] for kind in few}
    growth["Redis"] = asyncio.run(of_redis(options.trials))
    shown = ", ".join(f"{name} × {value:.3f}" for name, value in growth.items())
    print(f"  growth: {shown}; demanded: at most × {GROWTH_MOST:g} each")
    sys.exit(int(max(growth.values()) > GROWTH_MOST))


if __name__ == "__main__":
    main()
