"""What a second driver brings: `asyncio` with no-ops, one process against two.

`python -m benchmarks.drivers`: runs of one and of two drivers in turn (A B A B …), each a whole run with its own
services. Prints every pair and the mean of the ratios with its 95 % interval. Two cores are needed.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.results import store
from harness.statistics.intervals import paired_ratio

DEMANDED = 1.7


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


def main() -> None:
    """Print the pairs; exit 1 where the mean is below what is demanded."""
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
    sys.exit(ratio < DEMANDED)


if __name__ == "__main__":
    main()
