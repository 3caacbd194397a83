"""The time to recover from a surge against the queue's, replayed on the actual arrivals; and what it costs in memory.

`python -m benchmarks.surge_recovery`: `sleep` on asyncio and on Celery threads with slots, and calls of a service on
asyncio without any limit but the HTTP client's connections, for which tasks of one event loop wait: at half of what
they can do, by a drain, and at five times that. From the drain also comes how long a slot, or a connection, is busy for
a request. Beside it stands surplus ÷ spare rate, which knows nothing of the chance of these arrivals: the rate that is
spare is a small difference of two large ones, so that what is busy 5 % longer takes a tenth longer to recover, or more.

Computing would not grow: a busy event loop does not accept what waits, so none of it is a task yet.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from benchmarks.bench import Bench, bench
from benchmarks.queueing import recovery
from harness.loads.surge import SAMPLE_S
from harness.machine.clock import NS
from harness.recording.rows import DUE
from harness.results.model import Surge, Trial
from harness.statistics.units import percent

SHARE, FACTOR = 0.5, 5.0
"""The rate, by what is served at the most; and by how many times it is raised."""
BACKLOG = "drain:128"
MOST = 0.2
"""Share by which the time to recover may differ from the queue's."""
GROWS_LEAST_MB = 0.5
"""What some thousand tasks that wait take at the least: 0.5 KB each."""


class Case(NamedTuple):
    """What is surged."""

    contender: str
    workload: str
    params: dict[str, Any]
    servers: int
    """What serves one request at a time: slots, or connections."""
    grows: bool = False
    """Whether all that waits is in its memory."""


CASES = (
    Case("asyncio:4", "sleep", {"seconds": 0.1}, 4),
    Case("celery-threads:4", "sleep", {"seconds": 0.1}, 4),
    Case("asyncio", "http_date", {"latency_ms": 100.0, "connections": 16}, 16, grows=True),
)


def surplus_by_spare_s(rate_per_s: float, capacity_per_s: float, lasts_s: float) -> float:
    """On average, by rates alone."""
    return (FACTOR * rate_per_s - capacity_per_s) * lasts_s / (capacity_per_s - rate_per_s)


def replayed_s(case: Case, due_ns: Sequence[int], busy_s: float, lasts_s: float) -> float | None:
    """The queue's, of these arrivals."""
    took = recovery(sorted(due_ns), round(busy_s * NS), case.servers, round(lasts_s * NS), round(SAMPLE_S * NS))
    return None if took is None else took / NS


@asynccontextmanager
async def running(case: Case, load: str) -> AsyncIterator[tuple[Bench, str]]:
    """Its services, and the cell under that load."""
    async with bench(
        workload=case.workload, contenders=[case.contender], loads=[load], params=case.params, stamps=True
    ) as made:
        yield made, next(cell for cell, plan in made.trials.plans.items() if "benchmark" in plan.views)


async def capacity_per_s(case: Case) -> float:
    """What is served where all of its servers are always busy."""
    async with running(case, BACKLOG) as (made, cell):
        trials = [await made.trial(cell, number) for number in (1, 2)]
    return statistics.fmean(trial.throughput_per_s for trial in trials if trial.throughput_per_s)


def told(case: Case, trial: Trial, due_ns: Sequence[int], busy: float, lasts_s: float) -> bool:
    """Print one trial; whether it agrees with the queue, and grew where it had to."""
    theory, surge = replayed_s(case, due_ns, busy, lasts_s), trial.surge
    if surge is None or surge.recovered_s is None or theory is None:
        print(f"  recovered after {surge and surge.recovered_s} s, the queue after {theory} s: not comparable")
        return False
    off = surge.recovered_s / theory - 1
    beyond = percent(off, 1, signed=True)
    print(
        f"  {trial.issued} requests, {surge.peak} at the peak ({_grown(surge)}); recovered after "
        f"{surge.recovered_s:.2f} s, the queue {theory:.2f} s: {beyond}",
        flush=True,
    )
    return abs(off) <= MOST and (not case.grows or _grown_mb(surge, "driver") >= GROWS_LEAST_MB)


def _grown(surge: Surge) -> str:
    return ", ".join(f"{role} {_grown_mb(surge, role):+.1f} MB" for role in surge.memory_peak_mb) or "memory not known"


def _grown_mb(surge: Surge, role: str) -> float:
    return surge.memory_peak_mb.get(role, 0.0) - surge.memory_before_mb.get(role, 0.0)


async def agrees(case: Case, options: argparse.Namespace) -> bool:
    """Run one case, print it; whether all of its surges agree."""
    most_per_s, kept = await capacity_per_s(case), []
    rate_per_s, busy_s = float(f"{SHARE * most_per_s:.2g}"), case.servers / most_per_s
    print(
        f"{case.contender}, {case.workload}: busy for {1000 * busy_s:.2f} ms a request; surplus ÷ spare rate of "
        f"{rate_per_s:g}/s {surplus_by_spare_s(rate_per_s, most_per_s, options.lasts):.2f} s",
        flush=True,
    )
    async with running(case, f"surge:{rate_per_s:g}/s*{FACTOR:g}:{options.lasts:g}s") as (made, cell):
        for number in range(1, options.trials + 1):
            trial = await made.trial(cell, number)
            kept.append(told(case, trial, made.rows(trial)[:, DUE].tolist(), busy_s, options.lasts))
    return all(kept)


async def compare(options: argparse.Namespace) -> bool:
    """Run all, print them; whether all agree."""
    kept = [await agrees(case, options) for case in CASES]
    print(f"demanded: within {percent(MOST)} of the queue; without a limit, memory grows with what waits")
    return all(kept)


def main() -> None:
    """Exit 1 where a time to recover differs by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surge_recovery", description=__doc__)
    parser.add_argument("--lasts", type=float, default=4.0, help="length of the surge in s (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=3, help="surges of each contender (default: %(default)s)")
    sys.exit(int(not asyncio.run(compare(parser.parse_args()))))


if __name__ == "__main__":
    main()
