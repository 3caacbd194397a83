"""Whether the harness drains a Celery worker as fast as Celery's own benchmark does.

`python -m benchmarks.celery_own`: a solo worker without a result backend, on a queue without acknowledgements, of
transient messages, with no limit to what it fetches ahead, works off a backlog of no-ops (as Celery's
`t/benchmarks/bench_worker.py`), on one Redis:

- by hand: a script that only does that (`benchmarks._celery_own_app`); the worker itself counts, from the start of its
  first task to the end of its last;
- the harness: its own worker with the same settings (`benchmarks.celery_bare`), driven through `drain:N`, every
  execution noted and stamped; from first start to last end as in the trial's own figures.

A machine that is shared may change its speed twofold within a second, and each of its CPUs by itself. So the two
workers of a pair, both fresh, share one CPU and take turns of 30 ms on it (SIGSTOP, SIGCONT): A B A B … to the end of
their backlogs. The time for which a worker was stopped is not its own, and is left out. A pair takes about 50 s.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic_ns
from typing import NamedTuple

from benchmarks.bench import shown
from benchmarks.celery_bare import BareWorker, CelerySoloBare
from benchmarks.in_process import Service, own_broker, serving
from harness.loads.load import parse_load
from harness.machine.clock import NS
from harness.machine.deadline import in_time
from harness.machine.processes import last_lines, spawn, stop_tree
from harness.recording.reconciliation import reconcile
from harness.services.brokers.broker import BrokerService
from harness.statistics.intervals import paired_ratio
from harness.statistics.units import percent

LIMIT_S = 180.0
TIMEOUT_S = 60.0
TOLERANCE = 0.05


class Drained(NamedTuple):
    """What one worker showed."""

    per_s: float
    cpu_us: float
    """Its CPU, a task."""

    def __str__(self) -> str:
        return f"{self.per_s:,.0f}/s ({self.cpu_us:.0f} µs of CPU a task)"


class Turns:
    """Two processes that run by turns on one CPU, and for how long each was stopped."""

    def __init__(self, pids: tuple[int, int], turn_s: float) -> None:
        self._pids = pids
        self._turn_s = turn_s
        self._since: dict[int, int] = {}
        self._stopped: dict[int, list[tuple[int, int]]] = {pid: [] for pid in pids}
        for pid in pids:
            os.sched_setaffinity(pid, {max(os.sched_getaffinity(0))})

    async def take(self) -> None:
        """Let one run and then the other, until cancelled; then let both run."""
        running, waiting = self._pids
        self._stop(waiting)
        try:
            while True:
                await asyncio.sleep(self._turn_s)
                self._stop(running)
                self._go_on(waiting)
                running, waiting = waiting, running
        finally:
            self._go_on(waiting)

    def own_s(self, pid: int, begin_ns: int, end_ns: int) -> float:
        """How long a process was not stopped between two moments."""
        stopped_ns = sum(max(0, min(end, end_ns) - max(begin, begin_ns)) for begin, end in self._stopped[pid])
        return (end_ns - begin_ns - stopped_ns) / NS

    def _stop(self, pid: int) -> None:
        self._since[pid] = monotonic_ns()
        _tell(pid, signal.SIGSTOP)

    def _go_on(self, pid: int) -> None:
        self._stopped[pid].append((self._since[pid], monotonic_ns()))
        _tell(pid, signal.SIGCONT)


def _tell(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it has ended
        os.kill(pid, number)


class Script:
    """A step of the script by hand, in a process of its own."""

    def __init__(self, step: str, broker: BrokerService, requests: int, log: Path) -> None:
        self._argv = [sys.executable, "-m", "benchmarks._celery_own_app", step, str(requests)]
        self._env = {"OWN_BROKER_URL": broker.place.url.reveal()}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> int:
        """Its process id."""
        self._process = await spawn(self._argv, env=self._env, stdout=asyncio.subprocess.PIPE, log=self._log)
        return self._process.pid

    async def said(self) -> str:
        """What it printed, once it has ended."""
        assert self._process is not None
        said, _ = await in_time(LIMIT_S, self._process.communicate())
        assert self._process.returncode == 0, last_lines(self._log)
        return said.decode()

    async def stop(self) -> None:
        """End it where it still runs."""
        if self._process is not None:
            await stop_tree(self._process, 0)


class Pair:
    """One backlog worked off by hand and one through the harness, by turns."""

    def __init__(self, broker: BrokerService, options: argparse.Namespace, log: Path) -> None:
        self._broker = broker
        self._requests: int = options.requests
        self._turn_s: float = options.turn
        self._apply = Script("apply", broker, options.requests, log)
        self._work = Script("work", broker, options.requests, log)
        self._workers: BareWorker
        self._turns: Turns
        self._taking: asyncio.Task[None]
        self._pid = 0

    async def run(self) -> tuple[Drained, Drained]:
        """By hand, through the harness."""
        try:
            async with serving(CelerySoloBare(self._resuming), 1, self._broker) as service:
                assert isinstance(service.workers, BareWorker)
                self._workers = service.workers
                await self._apply.start()
                harness = await self._by_harness(service)
                begin_ns, end_ns, cpu_s = json.loads(await self._work.said())
                self._taking.cancel()
                hand_s = self._turns.own_s(self._pid, begin_ns, end_ns)
                return Drained(self._requests / hand_s, 1e6 * cpu_s / self._requests), harness
        finally:
            await self._apply.stop()
            await self._work.stop()

    async def _resuming(self) -> None:
        """The driver has published all: so must the script have; then the turns begin."""
        await self._apply.said()
        self._pid = await self._work.start()
        self._turns = Turns((self._workers.pid, self._pid), self._turn_s)
        self._taking = asyncio.create_task(self._turns.take())

    async def _by_harness(self, service: Service) -> Drained:
        """A drain, all of it accounted for."""
        load = parse_load(f"drain:{self._requests}", "the benchmark")
        before = await self._workers.reading(memory=False)
        driven = await service.drive(load.text, workload="noop", timeout_s=TIMEOUT_S)
        after = await self._workers.reading(memory=False)
        reconciled = reconcile(driven.fold.endings, driven.fold.ended_twice, driven.executed)
        assert reconciled == (self._requests + 1, 0, None), reconciled
        assert driven.fold.counts.ok == self._requests, driven.fold.counts
        figures = load.figures(driven.fold, driven.recording.marks, 1)
        assert figures.throughput_per_s is not None
        assert driven.fold.work_ns is not None
        assert not figures.doubts, figures.doubts
        begin_ns, end_ns = driven.fold.work_ns
        own = self._turns.own_s(self._workers.pid, begin_ns, end_ns) / ((end_ns - begin_ns) / NS)
        return Drained(figures.throughput_per_s / own, 1e6 * (after.cpu_s - before.cpu_s) / self._requests)


async def compare(options: argparse.Namespace) -> bool:
    """Run the pairs, print them; whether the harness is as fast."""
    hands, harnesses = [], []
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        async with own_broker() as broker:
            for number in range(1, options.pairs + 1):
                hand, harness = await Pair(broker, options, Path(folder) / "script.log").run()
                hands.append(hand)
                harnesses.append(harness)
                ratio = harness.per_s / hand.per_s
                print(f"  pair {number}: by hand {hand}, harness {harness}: {ratio:.3f}", flush=True)
    cost, cost_interval = paired_ratio([one.cpu_us for one in hands], [one.cpu_us for one in harnesses])
    ratio, interval = paired_ratio([one.per_s for one in hands], [one.per_s for one in harnesses])
    print(f"  CPU a task, harness ÷ by hand: {cost:.3f}{shown(cost_interval)}")
    print(f"  drain rate, harness ÷ by hand: {ratio:.3f}{shown(interval)}; demanded: within {percent(TOLERANCE)} of 1")
    return abs(ratio - 1) <= TOLERANCE


def main() -> None:
    """Exit 1 where the harness is slower, or faster, by more than that."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.celery_own",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pairs", type=int, default=4, help="pairs of drains (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=20_000, help="no-ops of each drain (default: %(default)s)")
    parser.add_argument("--turn", type=float, default=0.03, help="length of a turn, in seconds (default: %(default)s)")
    options = parser.parse_args()
    print(f"solo, no backend, no_ack, transient, prefetch 0: {options.pairs} pairs of {options.requests:,} no-ops")
    sys.exit(int(not asyncio.run(compare(options))))


if __name__ == "__main__":
    main()
