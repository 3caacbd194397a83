"""Throughput of work with a queue of its own against what its limit lets through: places ÷ service time.

`python -m benchmarks.impossible`: pools of connections and threads within the work, a call that blocks the event loop,
and slots alone. Before the window waited for rest, the first three were reported at 267, 53.5 and 85.3 requests/s, each
with a narrow interval. No rate may pass its bound by more than 0.5 %, and each must come near it.
"""

import argparse
import asyncio
import sys
from typing import Any, NamedTuple

from benchmarks.bench import bench

BEYOND_MOST = 0.005
BELOW_MOST = 0.05
"""Work that waits in a pool is woken by an event loop or a lock, which costs a few percent here."""


class Case(NamedTuple):
    """Work whose throughput is bounded."""

    workload: str
    params: dict[str, Any]
    contender: str
    load: str
    bound_per_s: float


CASES = (
    Case("http_date", {"latency_ms": 500.0, "connections": 100}, "asyncio:300", "closed:300", 100 / 0.5),
    Case("http_date", {"latency_ms": 500.0, "connections": 20}, "asyncio:60", "closed:60", 20 / 0.5),
    Case("blocking_call", {"seconds": 0.1, "threads": 6}, "asyncio:64", "closed:64", 6 / 0.1),
    Case("blocking_call", {"seconds": 0.02, "how": "inline"}, "asyncio:16", "closed:16", 1 / 0.02),
    Case("sleep", {"seconds": 0.1}, "celery-threads:8", "closed:24", 8 / 0.1),
    Case("mixed_cpu", {"work_ms": 50.0, "cpu_percent": 100.0}, "asyncio:8", "closed:8", 1 / 0.05),
)


async def measure(case: Case, duration: str) -> bool:
    """Run one trial of the case and print it; whether it agrees with its bound."""
    async with bench(
        workload=case.workload,
        contenders=[case.contender],
        loads=[case.load],
        params=case.params,
        duration=duration,
    ) as running:
        (cell,) = (name for name in running.trials.plans if name.endswith(f"{case.contender}/{case.load}"))
        trial = await running.trial(cell)
    assert trial.throughput_per_s
    share = trial.throughput_per_s / case.bound_per_s - 1
    agrees = -BELOW_MOST <= share <= BEYOND_MOST
    settings = ", ".join(f"{name}={value}" for name, value in case.params.items())
    print(
        f"  {case.workload} ({settings}) {case.contender} {case.load}: {trial.throughput_per_s:.4g}/s of "
        f"{case.bound_per_s:g}/s, {share:+.1%}, limited by {trial.bottleneck}{'' if agrees else '  MISSED'}",
        flush=True,
    )
    return agrees


async def main_loop(duration: str) -> bool:
    """All cases, one after the other; whether all agree."""
    return all([await measure(case, duration) for case in CASES])


def main() -> None:
    """Exit 1 if a rate passes its bound, or misses it by far."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impossible", description=__doc__)
    parser.add_argument("--duration", default="4s", help="least length of each trial (default: %(default)s)")
    sys.exit(int(not asyncio.run(main_loop(parser.parse_args().duration))))


if __name__ == "__main__":
    main()
