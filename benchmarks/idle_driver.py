"""CPU that a driver uses while nothing is due: what the harness itself costs beside the work.

`python -m benchmarks.idle_driver`: whole trials, each with a driver of its own, in whose window no
request falls. Reading its own usage at both ends of a window costs 3 to 4 ms, whatever the window's length.
"""

import argparse
import asyncio
import statistics
import sys

from benchmarks.bench import Bench, bench

CONTENDERS = ("asyncio", "asyncio-uvloop", "celery-threads:2")
NEVER = "open:0.001/s:uniform"
DEMAND_MS = 1.0


async def idle_ms(at: Bench, cell: str, number: int) -> float:
    """Milliseconds of CPU that the driver used a second of the window."""
    driver = (await at.trials.trial(at.trials.plans[cell], number)).usage.driver
    if driver is None:
        raise SystemExit(f"{cell}: the driver's usage is not known")
    return 1000 * driver.cpu_s / driver.seconds


async def measure(options: argparse.Namespace) -> bool:
    """Print each contender's figures; returns whether all hold the demand."""
    held = True
    async with bench(contenders=list(CONTENDERS), loads=[NEVER], duration=options.duration) as at:
        for contender in CONTENDERS:
            cell = next(identity for identity in at.trials.plans if f"/{contender}/open" in identity)
            seen = [await idle_ms(at, cell, number) for number in range(1, options.rounds + 1)]
            middle = statistics.median(seen)
            held = held and middle <= options.demand
            print(f"{contender}: {middle:.2f} ms of CPU a second ({min(seen):.2f} to {max(seen):.2f})", flush=True)
    print(f"demanded: at most {options.demand:g} ms")
    return held


def main() -> None:
    """Exit 1 where a median lies above the demand."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle_driver", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="trials of each contender (default: %(default)s)")
    parser.add_argument("--duration", default="20s", help="length of the window (default: %(default)s)")
    parser.add_argument("--demand", type=float, default=DEMAND_MS, help="ms a second at most (default: %(default)s)")
    sys.exit(int(not asyncio.run(measure(parser.parse_args()))))


if __name__ == "__main__":
    main()
