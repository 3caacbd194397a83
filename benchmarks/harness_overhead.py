"""Microseconds that the harness adds to a request, against a hand-written asyncio loop.

`python -m benchmarks.harness_overhead`: both run `noop` with the same number of clients, each run in a fresh
process, in turn (A B A B …). Prints every pair, and the mean of the pairwise differences with its 95 % interval.
Both keep a core busy all the time, so that the CPU time of a request is its cost, whoever else uses the machine.
"""

import argparse
import asyncio
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from harness import registry
from harness.contenders.contender import Assignment, Contender
from harness.driver.driver import run_trial
from harness.driver.messages import Link, Message, TrialSpec
from harness.recording.fold import fold_spool
from harness.recording.fold_terms import FoldTerms
from harness.statistics.student import t_quantile
from workloads.workload import Services

WARMUP_S = 0.3
DEMAND_US = 2.0


class Deaf(Link):
    """A session that never says anything."""

    def __init__(self) -> None:
        pass

    def send(self, message: Message) -> None:
        """Nobody listens."""

    async def receive(self) -> Message | None:
        """Nobody speaks."""
        await asyncio.Event().wait()
        return None


async def by_hand(clients: int, seconds: float) -> float:
    """CPU time per request of a naive loop, in µs."""
    from asyncio_side.noop import noop

    count = 0
    running = True

    async def client() -> None:
        nonlocal count
        while running:
            await noop()
            count += 1
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(client()) for _ in range(clients)]
    await asyncio.sleep(WARMUP_S)
    before, start = count, time.process_time()
    await asyncio.sleep(seconds)
    cost_us = 1e6 * (time.process_time() - start) / (count - before)
    running = False
    await asyncio.gather(*tasks)
    return cost_us


async def by_harness(contender: Contender, clients: int, slots: int | None, seconds: float) -> float:
    """CPU µs a request of a whole trial: every request stamped, checked, recorded."""
    with tempfile.TemporaryDirectory() as folder:
        spec = TrialSpec(
            contender=contender.name,
            assignment=Assignment(workload="noop", slots=slots, services=Services()),
            params={},
            load=f"closed:{clients}",
            warmup_s=WARMUP_S,
            duration_s=seconds,
            requests=None,
            timeout_s=30.0,
            seed=1,
            spool=str(Path(folder) / "spool"),
            sampled=False,
        )
        recording = await run_trial(spec, Deaf(), contender)
        assert recording.status == "measured", recording.error
        terms = FoldTerms(recording.opened_ns, recording.closed_ns, comparable=True)
        fold = fold_spool(Path(spec.spool), terms, recording.issued)
        assert recording.driver is not None
        first, last = recording.driver
        return 1e6 * (last.cpu_s - first.cpu_s) / fold.counts.ok


def one(kind: str, options: argparse.Namespace) -> float:
    """One run in this process."""
    contender: Contender = registry.load("contender", options.contender)
    with asyncio.Runner(loop_factory=contender.new_event_loop) as runner:
        if kind == "hand":
            return runner.run(by_hand(options.clients, options.seconds))
        return runner.run(by_harness(contender, options.clients, options.slots, options.seconds))


def fresh(kind: str, options: argparse.Namespace) -> float:
    """One run in its own process; returns the CPU time per request, in µs."""
    argv = [sys.executable, "-m", "benchmarks.harness_overhead", "--one", kind]
    argv += ["--contender", options.contender, "--clients", str(options.clients), "--seconds", str(options.seconds)]
    argv += ["--slots", str(options.slots)] if options.slots else []
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    return float(json.loads(done.stdout))


def compare(options: argparse.Namespace) -> float:
    """Run the pairs, print them; returns the mean difference in µs."""
    name = options.contender + (f":{options.slots}" if options.slots else "")
    print(f"{name}, noop, {options.clients} clients, {options.pairs} pairs of {options.seconds:g} s")
    differences = []
    for number in range(1, options.pairs + 1):
        hand, harness = fresh("hand", options), fresh("harness", options)
        differences.append(harness - hand)
        print(f"  pair {number}: by hand {hand:.2f} µs, harness {harness:.2f} µs, added {harness - hand:.2f} µs")
    mean = statistics.fmean(differences)
    half = t_quantile(len(differences) - 1) * statistics.stdev(differences) / math.sqrt(len(differences))
    middle = statistics.median(differences)
    print(f"  added: mean {mean:.2f} µs a request (95 % interval {mean - half:.2f} to {mean + half:.2f}), ", end="")
    print(f"median {middle:.2f} µs; demanded: at most {options.demand:g} µs")
    return middle


def main() -> None:
    """Exit 1 where a median lies above the demand."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harness_overhead", description=__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="pairs of runs (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="length of each run, in seconds (default: %(default)s)"
    )
    parser.add_argument("--clients", type=int, default=64, help="clients (default: %(default)s)")
    parser.add_argument("--slots", type=int, default=None, help="slots of the contender (default: unbounded)")
    parser.add_argument("--demand", type=float, default=DEMAND_US, help="µs a request at most (default: %(default)s)")
    parser.add_argument("--contender", default=None, help="asyncio or asyncio-uvloop (default: both)")
    parser.add_argument("--one", choices=("hand", "harness"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one, options)))
        return
    names = [options.contender] if options.contender else ["asyncio", "asyncio-uvloop"]
    medians = [compare(with_contender(options, name)) for name in names]
    sys.exit(int(max(medians) > options.demand))


def with_contender(options: argparse.Namespace, name: str) -> argparse.Namespace:
    """The options, for one contender."""
    values: dict[str, Any] = vars(options) | {"contender": name}
    return argparse.Namespace(**values)


if __name__ == "__main__":
    main()
