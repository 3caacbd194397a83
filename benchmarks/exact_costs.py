"""Whether the Redis commands of a request are the same in every run, also where no time is.

`python -m benchmarks.exact_costs`: starts of the services, each with a trial of every row, while a busy loop runs on
each core. Demanded, ± 0: 17 commands a Celery task with a result, 10 with `ignore_result`, 4 a request of queue-bare.
"""

import argparse
import asyncio
import sys
from collections import Counter

from benchmarks.bench import bench, computing

LOAD = "closed:8"
ROWS = (
    ("noop", "celery-threads:4", 17.0),
    ("noop", "celery-prefork:4", 17.0),
    ("fire_and_forget", "celery-threads:4", 10.0),
    ("noop", "queue-bare:4", 4.0),
)
"""Workload, contender and commands a request."""


async def seen(workload: str, contender: str, starts: int) -> Counter[float | None]:
    """Commands a request, start by start."""
    found: Counter[float | None] = Counter()
    for number in range(starts):
        async with bench(workload=workload, contenders=[contender], loads=[LOAD], seed=number) as running:
            found[(await running.trial(f"{workload}/{contender}/{LOAD}")).redis_commands] += 1
    return found


def main() -> None:
    """Exit 1 where any start has another number."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exact_costs", description=__doc__)
    parser.add_argument("--starts", type=int, default=20, help="of each row (default: %(default)s)")
    options = parser.parse_args()
    right = True
    with computing():
        for workload, contender, commands in ROWS:
            found = asyncio.run(seen(workload, contender, options.starts))
            as_demanded = set(found) == {commands}
            right &= as_demanded
            said = ", ".join(f"{value} in {times}" for value, times in found.items())
            print(
                f"{workload} on {contender}: {said} of {options.starts} starts: {'right' if as_demanded else 'WRONG'}"
            )
    sys.exit(int(not right))


if __name__ == "__main__":
    main()
