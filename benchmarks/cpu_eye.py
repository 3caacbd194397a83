"""CPU that each role reports against an independent eye: the kernel's own account of cgroups, over the same span.

`python -m benchmarks.cpu_eye`: each role's processes are put into a cgroup of version 2, whose `cpu.stat` another
process samples every 10 ms. What it says between the stamps of a role's two readings must be what the role reports.
Without the right to make cgroups, `/proc/PID/stat` is summed over each role's processes instead, in ticks of 10 ms.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil

from benchmarks.bench import Bench, bench
from harness.accounting.trial import TrialRecords
from harness.machine.usage import Reading
from harness.results.model import Trial
from harness.session import trial as session_trial
from harness.statistics.units import percent

CONTENDERS = ("asyncio:16", "celery-prefork:16", "celery-gevent:16", "celery-threads:16")
LOAD = "closed:32"
WORK = {"work_ms": 50.0, "cpu_percent": 80.0}
OFF_MOST = 0.02
LEAST_CORES = 0.05
"""A role that used less is shown only: a tick is more than 2 % of it."""
SAMPLE_S = 0.01
COMMANDS = {
    "workers": "harness.contenders.celery.worker",
    "driver": "harness.driver.fork_server",
    "broker": "redis-server",
    "origin": "origin --seed",
}
"""Role → what the command line of its first process has."""

Eye = Callable[[], float]
"""CPU-seconds so far of a role."""


class Difference(NamedTuple):
    """What a role reported, and what was seen, in cores."""

    role: str
    reported: float
    seen: float

    @property
    def off(self) -> float:
        """As a share of what was seen."""
        return self.reported / self.seen - 1 if self.seen else 0.0

    @property
    def agrees(self) -> bool:
        """Where it used enough to tell."""
        return self.seen < LEAST_CORES or abs(self.off) <= OFF_MOST


class Cgroups:
    """A cgroup a role, removed at the end."""

    def __init__(self) -> None:
        lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        mount = next((words[1] for words in lines if words[2] == "cgroup2"), None)
        if mount is None:
            raise OSError("no cgroups of version 2 are mounted")
        self._folder = Path(mount) / f"workbench-eye-{os.getpid()}"
        self._folder.mkdir()

    def eye(self, role: str, processes: list[psutil.Process]) -> Eye:
        """Move these processes into the role's cgroup; what they start later is in it too."""
        folder = self._folder / role
        folder.mkdir(exist_ok=True)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):  # it has ended
                (folder / "cgroup.procs").write_text(str(process.pid))
        return lambda: int((folder / "cpu.stat").read_text().split()[1]) / 1e6

    def close(self) -> None:
        """Once their processes have ended."""
        for folder in [*self._folder.iterdir()]:
            if folder.is_dir():
                folder.rmdir()
        self._folder.rmdir()


def proc_eye(processes: list[psutil.Process]) -> Eye:
    """By the ticks of these processes, of those that they start, and of those that they have waited for."""

    def seen() -> float:
        tree = {child for process in processes for child in (process, *process.children(recursive=True))}
        total = 0.0
        for process in tree:
            with contextlib.suppress(psutil.Error):  # it has ended
                total += sum(process.cpu_times()[:4])
        return total

    return seen


@contextlib.contextmanager
def eyes() -> Iterator[Callable[[], dict[str, Eye]]]:
    """Makes an eye for each role that runs."""
    try:
        cgroups = Cgroups()
    except OSError as error:
        print(f"  (by /proc, in ticks of 10 ms: {error})")
        yield lambda: {role: proc_eye(found[:1]) for role, found in roles().items()}
        return
    try:
        yield lambda: {role: cgroups.eye(role, found) for role, found in roles().items()}
    finally:
        cgroups.close()


def roles() -> dict[str, list[psutil.Process]]:
    """Role → its processes now, the first one first."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.Process().children():
        command = " ".join(process.cmdline())
        for role, words in COMMANDS.items():
            if words in command:
                found.setdefault(role, []).extend([process, *process.children(recursive=True)])
    return found


def _watch(eyes_of: dict[str, Eye], link: Connection) -> None:
    """In a process of its own: sample until told to stop, then hand over the samples."""
    samples: list[list[float]] = []
    while not link.poll(SAMPLE_S):
        before_ns = time.monotonic_ns()
        seen = [eye() for eye in eyes_of.values()]
        samples.append([(before_ns + time.monotonic_ns()) / 2, *seen])
    link.send(samples)


class Watcher:
    """The process that samples; `between` is what a role used between two moments."""

    def __init__(self, eyes_of: dict[str, Eye]) -> None:
        context = get_context("fork")
        self._roles = list(eyes_of)
        self._link, theirs = context.Pipe()
        self._process = context.Process(target=_watch, args=(eyes_of, theirs))
        self._process.start()
        self._samples = np.empty((0, 0))

    def stop(self) -> None:
        """No more samples."""
        self._link.send(None)
        self._samples = np.array(self._link.recv())
        self._process.join()

    def between(self, role: str, first: Reading, last: Reading) -> float:
        """Cores, interpolated at the stamps of the readings."""
        column = self._samples[:, 1 + self._roles.index(role)]
        at = np.interp([first.at_ns, last.at_ns], self._samples[:, 0], column)
        return float(at[1] - at[0]) * 1e9 / (last.at_ns - first.at_ns)


class Records:
    """Keeps what a trial was accounted from, with the stamps of its readings."""

    def __init__(self) -> None:
        self.last: TrialRecords | None = None
        account = vars(session_trial)["trial_of"]

        def kept(round_number: int, order: int, conditions: Any, records: TrialRecords) -> Trial:
            self.last = records
            trial: Trial = account(round_number, order, conditions, records)
            return trial

        vars(session_trial)["trial_of"] = kept

    def pairs(self) -> dict[str, tuple[Reading, Reading]]:
        """Role → its first and its last reading."""
        assert self.last is not None
        pairs = dict(self.last.readings.pairs)
        assert self.last.recording.driver is not None
        return pairs | {"driver": self.last.recording.driver}


async def watched(running: Bench, cell: str, eyes_of: dict[str, Eye], records: Records) -> list[Difference]:
    """Run a trial, and compare what each role reported of it."""
    watcher = Watcher(eyes_of)
    try:
        trial = await running.trial(cell)
    finally:
        watcher.stop()
    found = []
    for role, (first, last) in records.pairs().items():
        reported = (last.cpu_s - first.cpu_s) * 1e9 / (last.at_ns - first.at_ns)
        found.append(Difference(role, reported, watcher.between(role, first, last)))
    _show(cell, trial, found)
    return found


def _show(cell: str, trial: Trial, found: list[Difference]) -> None:
    each = ", ".join(
        f"{one.role} {one.reported:.3f} ({one.seen:.3f}, {percent(one.off, 1, signed=True)})" for one in found
    )
    missed = "" if all(one.agrees for one in found) else "  MISSED"
    machine = trial.machine
    assert machine is not None
    beside = {
        "session": machine.session_cpu_s or 0.0,
        "others": machine.others_cpu_s,
        "interrupts": machine.interrupts_cpu_s,
        "steal": machine.steal_s,
    }
    shown = ", ".join(f"{name} {cpu_s / machine.seconds:.3f}" for name, cpu_s in beside.items())
    print(f"  {cell}: {each}{missed}; beside them {shown}", flush=True)


async def compare(contenders: list[str], workload: str, duration: str, rounds: int) -> bool:
    """All contenders, one after the other; whether every role agrees with what was seen of it."""
    good, records = [], Records()
    params = WORK if workload == "mixed_cpu" else {}
    for contender in contenders:
        with eyes() as make:
            async with bench(
                workload=workload, contenders=[contender], loads=[LOAD], params=params, duration=duration, warmup="1s"
            ) as running:
                (cell,) = (name for name in running.trials.plans if name.endswith(f"{contender}/{LOAD}"))
                for _ in range(rounds):
                    good += [found.agrees for found in await watched(running, cell, make(), records)]
    print(
        f"demanded: each role that used {LEAST_CORES:g} cores or more within {percent(OFF_MOST)} of what was seen of it"
    )
    return all(good)


def main() -> None:
    """Exit 1 where a role reports something else."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cpu_eye", description=__doc__)
    parser.add_argument("--contender", action="append", help=f"contenders (default: {', '.join(CONTENDERS)})")
    parser.add_argument("--workload", default="mixed_cpu", help="what they do (default: %(default)s)")
    parser.add_argument("--duration", default="3s", help="length of each window (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="trials of each (default: %(default)s)")
    options = parser.parse_args()
    contenders = options.contender or list(CONTENDERS)
    sys.exit(int(not asyncio.run(compare(contenders, options.workload, options.duration, options.rounds))))


if __name__ == "__main__":
    main()
