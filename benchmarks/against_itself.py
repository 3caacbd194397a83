"""How often a comparison calls a difference where there is none, and where there is one of 10 %.

`python -m benchmarks.against_itself`: `sleep` on `celery-threads:4`, three cells: twice the same, and once with 10 %
more service time. All services are started afresh for every boot, as in any run. Each comparison is of five boots
drawn from those that were measured, by the code that compares contenders: round by round, and as two runs of five
other boots each, with a gate of 5 %. At 95 % confidence, 2 of 40 comparisons of the same with itself are expected to
be wrong; comparisons share boots, so that their number varies more than that of 40 runs would.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterable

import msgspec

from benchmarks.bench import bench, shown
from harness.results.model import Cell, Comparison, Trial, View
from harness.statistics.comparisons import comparisons
from harness.statistics.intervals import Estimate, by_boot, difference, estimate
from harness.statistics.units import percent

CONTENDER, LOAD = "celery-threads:4", "closed:8"
SERVICE_S = 0.02
SAME_S, LONGER_S = SERVICE_S + 1e-9, SERVICE_S * 1.1
"""A nanosecond more is the same work, and a cell of its own."""
EACH = 5
"""Boots of a comparison."""
GATE = 0.95
WRONG_MOST, FOUND_LEAST, FAILED_MOST = 5 / 40, 34 / 40, 1 / 40
VIEW = View(name="benchmark", about="", matched="slots")
Measured = dict[float, dict[int, list[Trial]]]
"""Service time → boot → its trials."""


def cell_id(seconds: float) -> str:
    """As the plan names it."""
    return f"sleep[seconds={seconds}]/{CONTENDER}/{LOAD}"


def trials_of(boots: dict[int, list[Trial]], drawn: Iterable[int]) -> list[Trial]:
    """Those of the boots that were drawn."""
    return [trial for boot in drawn for trial in boots[boot]]


def compared(cell: Cell, first: list[Trial], second: list[Trial]) -> Comparison:
    """Two lists of trials, round by round, by their throughput."""
    a, b = (
        msgspec.structs.replace(cell, id=name, contender=name, trials=trials, status="measured", views=[VIEW.name])
        for name, trials in (("a", first), ("b", second))
    )
    (found,) = [one for one in comparisons([a, b], [VIEW]) if one.metric == "throughput_per_s"]
    return found


def mean_of(trials: list[Trial]) -> Estimate:
    """Their throughput."""
    return estimate(by_boot((trial.boot, trial.throughput_per_s or 0.0) for trial in trials))


def fails(base: list[Trial], new: list[Trial]) -> bool:
    """Whether a gate of 5 % does, where the lists are two runs."""
    interval = difference(mean_of(base), mean_of(new)).interval()
    return interval is not None and interval[1] < GATE


async def measured(options: argparse.Namespace) -> tuple[Cell, Measured]:
    """One of the cells, and the trials of all of them, boot by boot."""
    every: Measured = {seconds: {} for seconds in (SERVICE_S, SAME_S, LONGER_S)}
    shuffler = random.Random(1)
    for boot in range(options.boots):
        async with bench(
            workload="sleep",
            contenders=[CONTENDER],
            loads=[LOAD],
            params={"seconds": list(every)},
            duration=f"{options.seconds}s",
            warmup="0.1s",
        ) as running:
            for number in range(1, options.rounds + 1):
                for seconds in shuffler.sample(list(every), len(every)):
                    trial = await running.trial(cell_id(seconds), number)
                    placed = msgspec.structs.replace(trial, boot=boot, round=boot * options.rounds + number)
                    every[seconds].setdefault(boot, []).append(placed)
            cell = next(one for one in running.trials.results.cells if one.id == cell_id(SERVICE_S))
        print(f"  {boot + 1} of {options.boots} boots", flush=True)
    return cell, every


def judge(options: argparse.Namespace, cell: Cell, every: Measured) -> bool:
    """Print how many of the comparisons were right; whether that is often enough."""
    draw = random.Random(2)
    same, longer = Counter[str | None](), Counter[str | None]()
    failed = 0
    for _ in range(options.comparisons):
        drawn = draw.sample(range(options.boots), EACH)
        others = draw.sample([boot for boot in range(options.boots) if boot not in drawn], EACH)
        base = trials_of(every[SERVICE_S], drawn)
        same[compared(cell, base, trials_of(every[SAME_S], drawn)).verdict] += 1
        longer[compared(cell, base, trials_of(every[LONGER_S], drawn)).verdict] += 1
        failed += fails(base, trials_of(every[SERVICE_S], others))
    wrong = same["faster"] + same["slower"]
    shares = [number / options.comparisons for number in (wrong, longer["slower"], failed)]
    everything = range(options.boots)
    for seconds in (SAME_S, LONGER_S):
        found = compared(cell, trials_of(every[SERVICE_S], everything), trials_of(every[seconds], everything))
        print(f"{seconds:.3f} s, all boots: {found.ratio:.3f} times{shown(found.ci95)}")
    print(f"the same: {dict(same)}; demanded: at most {percent(WRONG_MOST, 1)} called different")
    print(f"10 % longer: {dict(longer)}; demanded: at least {percent(FOUND_LEAST)} called slower")
    print(f"a gate of 5 % between two runs of the same: {failed} failed; demanded: at most {percent(FAILED_MOST, 1)}")
    return bool(shares[0] <= WRONG_MOST and shares[1] >= FOUND_LEAST and shares[2] <= FAILED_MOST)


def main() -> None:
    """Exit 1 where the verdicts are wrong too often."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against_itself", description=__doc__)
    parser.add_argument("--comparisons", type=int, default=40, help="comparisons of each kind (default: %(default)s)")
    parser.add_argument("--boots", type=int, default=12, help="starts of all services (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=1, help="rounds of each boot (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of each window (default: %(default)s)")
    options = parser.parse_args()
    sys.exit(int(not judge(options, *asyncio.run(measured(options)))))


if __name__ == "__main__":
    main()
