"""How often a comparison calls a difference where there is none, and where there is one of 10 %.

`python -m benchmarks.against_itself`: `sleep` on `celery-threads:4`, three cells in one run: twice the same, and once
with 10 % more service time. Rounds are shuffled as in any run; every five rounds are one comparison, by the code that
compares contenders. At 95 % confidence, 2 of 40 comparisons of the same with itself are expected to be wrong.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter

import msgspec

from benchmarks.bench import Bench, bench
from harness.results.model import Cell, Trial, View
from harness.statistics.comparisons import comparisons
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

CONTENDER, LOAD = "celery-threads:4", "closed:8"
SERVICE_S = 0.02
SAME_S, LONGER_S = SERVICE_S + 1e-9, SERVICE_S * 1.1
"""A nanosecond more is the same work, and a cell of its own."""
WRONG_MOST, FOUND_LEAST = 5 / 40, 34 / 40
VIEW = View(name="benchmark", about="", matched="slots")


def cell_id(seconds: float) -> str:
    """As the plan names it."""
    return f"sleep[seconds={seconds}]/{CONTENDER}/{LOAD}"


def verdict(cell: Cell, first: list[Trial], second: list[Trial]) -> str | None:
    """What the comparison of two lists of trials, round by round, says of the throughput."""
    a, b = (
        msgspec.structs.replace(cell, id=name, contender=name, trials=trials, status="measured")
        for name, trials in (("a", first), ("b", second))
    )
    (found,) = [one for one in comparisons([a, b], [VIEW]) if one.metric == "throughput_per_s"]
    return found.verdict


async def measured(running: Bench, rounds: int) -> dict[float, list[Trial]]:
    """The trials of all cells, round by round."""
    every: dict[float, list[Trial]] = {seconds: [] for seconds in (SERVICE_S, SAME_S, LONGER_S)}
    shuffler = random.Random(1)
    for number in range(1, rounds + 1):
        for seconds in shuffler.sample(list(every), len(every)):
            every[seconds].append(await running.trial(cell_id(seconds), number))
        if number % (10 * ROUNDS_FOR_VERDICT) == 0:
            print(f"  {number} of {rounds} rounds", flush=True)
    return every


async def compare(options: argparse.Namespace) -> bool:
    """Run the rounds, print the verdicts; whether they are right often enough."""
    async with bench(
        workload="sleep",
        contenders=[CONTENDER],
        loads=[LOAD],
        params={"seconds": [SERVICE_S, SAME_S, LONGER_S]},
        duration=f"{options.seconds}s",
        warmup="0.1s",
    ) as running:
        every = await measured(running, options.comparisons * ROUNDS_FOR_VERDICT)
        cell = next(one for one in running.trials.results.cells if one.id == cell_id(SERVICE_S))
    same, longer = Counter[str | None](), Counter[str | None]()
    for begin in range(0, options.comparisons * ROUNDS_FOR_VERDICT, ROUNDS_FOR_VERDICT):
        rounds = slice(begin, begin + ROUNDS_FOR_VERDICT)
        same[verdict(cell, every[SERVICE_S][rounds], every[SAME_S][rounds])] += 1
        longer[verdict(cell, every[SERVICE_S][rounds], every[LONGER_S][rounds])] += 1
    wrong = same["faster"] + same["slower"]
    print(f"the same: a difference in {wrong} of {options.comparisons}; demanded: at most {WRONG_MOST:.1%}")
    print(f"10 % longer: slower in {longer['slower']} of {options.comparisons}; demanded: at least {FOUND_LEAST:.0%}")
    share_wrong, share_found = wrong / options.comparisons, longer["slower"] / options.comparisons
    return bool(share_wrong <= WRONG_MOST and share_found >= FOUND_LEAST)


def main() -> None:
    """Exit 1 where the verdicts are wrong too often."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_itself", description=__doc__)
    parser.add_argument("--comparisons", type=int, default=40, help="comparisons of each kind (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.4, help="length of each window (default: %(default)s)")
    sys.exit(int(not asyncio.run(compare(parser.parse_args()))))


if __name__ == "__main__":
    main()
