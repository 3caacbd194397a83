"""The time to recover from a surge against the queue's, replayed on the actual arrivals.

`python -m benchmarks.surge_recovery`: `sleep` on asyncio and on Celery threads, at half of what they can do and at five
times that. How long a slot is busy for a request comes from a drain. Beside it stands surplus ÷ spare rate, which knows
nothing of the chance of these arrivals, with the slots' rate on paper and as drained: the rate that is spare is a small
difference of two large ones, so that a slot that is busy 5 % longer takes a tenth longer to recover, or more.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence

from benchmarks.bench import Bench, bench
from benchmarks.queueing import recovery
from harness.loads.surge import SAMPLE_S
from harness.machine.clock import NS
from harness.recording.rows import DUE
from harness.results.model import Trial
from harness.statistics.units import percent

CONTENDERS = ("asyncio", "celery-threads")
SLOTS = 4
SERVICE_S = 0.1
RATE_PER_S, FACTOR = 20.0, 5.0
MOST = 0.2
"""Share by which the time to recover may differ from the queue's."""


def surplus_by_spare_s(capacity_per_s: float, lasts_s: float) -> float:
    """On average, by rates alone."""
    return (FACTOR * RATE_PER_S - capacity_per_s) * lasts_s / (capacity_per_s - RATE_PER_S)


def replayed_s(due_ns: Sequence[int], busy_s: float, lasts_s: float) -> float | None:
    """The queue's, of these arrivals."""
    took = recovery(sorted(due_ns), round(busy_s * NS), SLOTS, round(lasts_s * NS), round(SAMPLE_S * NS))
    return None if took is None else took / NS


async def busy_s(running: Bench, cell: str, times: int) -> float:
    """How long a slot is busy for a request where all of them always are."""
    trials = [await running.trial(cell, number) for number in range(1, times + 1)]
    return SLOTS / statistics.fmean(trial.throughput_per_s for trial in trials if trial.throughput_per_s)


def told(trial: Trial, due_ns: Sequence[int], busy: float, lasts_s: float) -> bool:
    """Print one trial; whether it agrees with the queue."""
    theory = replayed_s(due_ns, busy, lasts_s)
    seen = trial.surge.recovered_s if trial.surge else None
    if seen is None or theory is None:
        print(f"  recovered after {seen} s, the queue after {theory} s: not comparable")
        return False
    off = seen / theory - 1
    beyond = percent(off, 1, signed=True)
    print(f"  {trial.issued} requests, recovered after {seen:.2f} s; the queue {theory:.2f} s: {beyond}")
    return abs(off) <= MOST


async def compare(options: argparse.Namespace) -> bool:
    """Run all, print them; whether all agree."""
    backlog, surge = "drain:120", f"surge:{RATE_PER_S:g}/s*{FACTOR:g}:{options.lasts:g}s"
    kept = []
    async with bench(
        workload="sleep",
        contenders=[f"{name}:{SLOTS}" for name in CONTENDERS],
        loads=[backlog, surge],
        params={"seconds": SERVICE_S},
        stamps=True,
    ) as running:
        for name in CONTENDERS:
            at = f"sleep[seconds={SERVICE_S}]/{name}:{SLOTS}"
            busy = await busy_s(running, f"{at}/{backlog}", 2)
            on_paper, drained = (surplus_by_spare_s(SLOTS / each, options.lasts) for each in (SERVICE_S, busy))
            print(
                f"{name}: a slot is busy {1000 * busy:.1f} ms a request; surplus ÷ spare rate {on_paper:.2f} s on "
                f"paper, {drained:.2f} s as drained",
                flush=True,
            )
            for number in range(1, options.trials + 1):
                trial = await running.trial(f"{at}/{surge}", number)
                kept.append(told(trial, running.rows(trial)[:, DUE].tolist(), busy, options.lasts))
    print(f"demanded: within {percent(MOST)} of the queue")
    return all(kept)


def main() -> None:
    """Exit 1 where a time to recover differs by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surge_recovery", description=__doc__)
    parser.add_argument("--lasts", type=float, default=4.0, help="length of the surge in s (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=3, help="surges of each contender (default: %(default)s)")
    sys.exit(int(not asyncio.run(compare(parser.parse_args()))))


if __name__ == "__main__":
    main()
