"""What a second driver brings: `asyncio` with no-ops, one process against two; and how long many take to begin and end.

`python -m benchmarks.drivers`: runs of one and of two drivers in turn (A B A B …), each a whole run with its own
services. Prints every pair and the mean of the ratios with its 95 % interval. Two cores are needed. Then trials with 2
and with 16 drivers, which share 64 clients whose requests wait for 50 ms: begun and ended beside each other, the many
take hardly longer.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bench import bench
from harness.results import store
from harness.statistics.intervals import paired_ratio

DEMANDED = 1.7
FEW, MANY, MOST = 2, 16, 1.3
"""Drivers of a trial, and by how many times as long one with many may last."""
TRIALS = 7


def throughput(drivers: int, clients: int, seconds: float) -> float:
    """Requests a second of one trial."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "harness", "run", "-w", "noop", "-c", "asyncio", "--load", f"closed:{clients}"]
        argv += [
            "--duration",
            f"{seconds}s",
            "--rounds",
            "1",
            "--quiet",
            "--drivers",
            str(drivers),
            "-o",
            f"{folder}/run",
        ]
        subprocess.run(argv, check=True, timeout=120)
        cell = next(cell for cell in store.read(Path(folder) / "run").cells if cell.views != ["floor"])
        assert cell.summary is not None
        return cell.summary.throughput_per_s


async def lasts_s(drivers: int) -> float:
    """A trial with so many drivers, from its order to its figures: the median."""
    took_s = []
    async with bench(
        workload="sleep", contenders=["asyncio"], loads=["closed:64"], params={"seconds": 0.05}, drivers=drivers
    ) as made:
        cell = next(cell for cell, plan in made.trials.plans.items() if "benchmark" in plan.views)
        for number in range(1, TRIALS + 1):
            began = time.monotonic()
            await made.trial(cell, number)
            took_s.append(time.monotonic() - began)
    return statistics.median(took_s)


def main() -> None:
    """Print the pairs and the trials; exit 1 where a ratio is not what is demanded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=64)
    options = parser.parse_args()
    one, two = [], []
    for pair in range(1, options.pairs + 1):
        one.append(throughput(1, options.clients, options.seconds))
        two.append(throughput(2, options.clients, options.seconds))
        print(
            f"pair {pair}: 1 driver {one[-1]:,.0f}/s, 2 drivers {two[-1]:,.0f}/s: × {two[-1] / one[-1]:.2f}", flush=True
        )
    ratio, interval = paired_ratio(one, two)
    assert interval is not None
    print(f"2 drivers ÷ 1: {ratio:.2f} (95 % interval {interval[0]:.2f} to {interval[1]:.2f}); demanded: {DEMANDED}")
    few_s, many_s = asyncio.run(lasts_s(FEW)), asyncio.run(lasts_s(MANY))
    print(
        f"a trial: {FEW} drivers {few_s:.2f} s, {MANY} drivers {many_s:.2f} s: × {many_s / few_s:.2f}; at most {MOST}"
    )
    sys.exit(ratio < DEMANDED or many_s > MOST * few_s)


if __name__ == "__main__":
    main()
