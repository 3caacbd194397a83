"""Throughput and latency of closed loads against the theory: N ÷ service time, and Little's law.

`python -m benchmarks.theory_closed`: `sleep` of 50 ms. 64 clients on asyncio without a limit must do 64 ÷ 0.05 s; on
8 Celery threads 8 ÷ 0.05 s, with a latency of 64 ÷ throughput.
"""

import argparse
import asyncio
import sys

from benchmarks.bench import bench

SERVICE_S = 0.05
CLIENTS, SLOTS = 64, 8
ASYNCIO_MOST, THREADS_MOST = 0.02, 0.04
"""Shares by which a figure may differ from the theory."""


def differs(what: str, found: float, theory: float, most: float) -> bool:
    """Print a figure beside the theory; whether it differs by more than it may."""
    share = found / theory - 1
    print(f"  {what}: {found:,.1f}, theory {theory:,.1f}: {share:+.2%}; demanded: within {most:.0%}", flush=True)
    return abs(share) > most


async def compare(seconds: float, rounds: int) -> bool:
    """Run both, print them; whether all agree."""
    threads, load = f"celery-threads:{SLOTS}", f"closed:{CLIENTS}"
    missed = []
    async with bench(
        workload="sleep", contenders=["asyncio", threads], loads=[load], duration=f"{seconds}s", warmup="0.5s"
    ) as running:
        for number in range(1, rounds + 1):
            alone = await running.trial(f"sleep/asyncio/{load}", number)
            pool = await running.trial(f"sleep/{threads}/{load}", number)
            assert alone.throughput_per_s
            assert pool.throughput_per_s
            assert pool.latency_ms
            little_ms = 1000 * CLIENTS / pool.throughput_per_s
            print(f"round {number}")
            missed += [
                differs("asyncio, requests/s", alone.throughput_per_s, CLIENTS / SERVICE_S, ASYNCIO_MOST),
                differs(f"{threads}, requests/s", pool.throughput_per_s, SLOTS / SERVICE_S, THREADS_MOST),
                differs(f"{threads}, mean latency in ms", pool.latency_ms.mean, little_ms, THREADS_MOST),
            ]
    return not any(missed)


def main() -> None:
    """Exit 1 where a figure differs by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.theory_closed", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each trial (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="rounds (default: %(default)s)")
    options = parser.parse_args()
    sys.exit(int(not asyncio.run(compare(options.seconds, options.rounds))))


if __name__ == "__main__":
    main()
