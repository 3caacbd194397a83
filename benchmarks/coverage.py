"""How often intervals hold the truth, verdicts are false and gates fail on identical code, in runs that are simulated.

`python -m benchmarks.coverage`: pure arithmetic on drawn figures, by the code that judges real ones. Boots vary 1.6
to 6 times as much as rounds within them, as they were seen to, and all rates drift by a third over a run (not between
two runs). A round's logarithm has a standard deviation of 2 % (`--round`). Demanded: intervals hold the truth in at
least 93 %, any false verdict among four equal rows in at most 5 % of the groups, a gate of 5 % on four cells of
identical code fails in at most 2.5 %. How often a difference of 10 or 25 % is found is printed beside it: that
depends on the number of boots.
"""

import argparse
import itertools
import math
import random
import sys
from collections.abc import Callable, Iterator

from harness.statistics import families
from harness.statistics.intervals import Estimate, by_boot, difference, estimate
from harness.statistics.units import percent
from harness.statistics.verdicts import said_by

ROWS = 4
DRIFT = 0.3
HELD_LEAST, FALSE_MOST, FAILED_MOST = 0.93, 0.05, 0.025
CHANCE = 2.5
"""Standard errors by which a share of so many runs may miss what is demanded."""
PLANS = ((2, 3), (3, 2), (5, 1), (6, 1))
"""Boots, and rounds in each."""
RATIOS = (1.6, 6.0)
"""Variance between boots ÷ that of rounds within them."""
Row = list[tuple[int, float]]
"""Boot and figure of each round."""


class Simulation:
    """Runs of some rows whose true rates are given."""

    def __init__(self, boots: int, rounds: int, ratio: float, round_sd: float, seed: int) -> None:
        self._boots, self._rounds = boots, rounds
        self._round_sd, self._boot_sd = round_sd, round_sd * math.sqrt(ratio)
        self._draw = random.Random(seed)

    def run(self, *rates: float, drift: float = DRIFT) -> list[Row]:
        """A row for each rate."""
        return [list(self._row(rate, drift)) for rate in rates]

    def _row(self, rate: float, drift: float) -> Iterator[tuple[int, float]]:
        last = max(1, self._boots * self._rounds - 1)
        for boot in range(self._boots):
            effect = self._draw.gauss(0, self._boot_sd)
            for within in range(self._rounds):
                drifted = drift * ((boot * self._rounds + within) / last - 0.5)
                yield boot, rate * math.exp(effect + drifted + self._draw.gauss(0, self._round_sd))


def paired(base: Row, other: Row) -> Estimate:
    """Other ÷ base, round by round."""
    return estimate(by_boot((boot, b / a) for (boot, a), (_, b) in zip(base, other, strict=True)))


def holds(one: Estimate, truth: float) -> bool:
    """Whether its 95 % interval does."""
    low, high = one.interval() or (truth, truth)
    return low <= truth <= high


def is_called(base: Row, others: list[Row]) -> list[bool]:
    """Which of the other rows are called different, judged together."""
    judged = families.judged([("rate", paired(base, other)) for other in others])
    return [said_by(interval) in ("above", "below") for interval, _ in judged]


def gate_fails(base: list[Row], new: list[Row]) -> bool:
    """Whether a gate of 5 % does on any of the cells."""
    changes = [difference(estimate(by_boot(a)), estimate(by_boot(b))) for a, b in zip(base, new, strict=True)]
    judged = families.judged([("rate", change) for change in changes])
    return any(interval is not None and interval[1] < 0.95 for interval, _ in judged)


def share(runs: int, happens: Callable[[], bool]) -> float:
    """In how many of so many runs it does."""
    return sum(happens() for _ in range(runs)) / runs


def measured(simulation: Simulation, runs: int) -> dict[str, float]:
    """The shares of a plan's simulated runs."""
    equal, tenth, quarter = (100.0,) * ROWS, (100.0, 90.0, 100.0, 100.0), (100.0, 75.0, 100.0, 100.0)

    def unadjusted() -> bool:
        base, *others = simulation.run(*equal)
        return not all(holds(paired(base, other), 1.0) for other in others)

    def called(rates: tuple[float, ...]) -> list[bool]:
        base, *others = simulation.run(*rates)
        return is_called(base, others)

    return {
        "ratio held": share(runs, lambda: holds(paired(*simulation.run(100.0, 100.0)), 1.0)),
        "false, judged alone": share(runs, unadjusted),
        "false, together": share(runs, lambda: any(called(equal))),
        "gate fails": share(
            runs, lambda: gate_fails(simulation.run(*equal, drift=0.0), simulation.run(*equal, drift=0.0))
        ),
        "10 % found": share(runs, lambda: called(tenth)[0]),
        "25 % found": share(runs, lambda: called(quarter)[0]),
    }


def right(found: dict[str, float], runs: int) -> bool:
    """Whether it is as demanded, but for chance."""

    def margin(demanded: float) -> float:
        return CHANCE * math.sqrt(demanded * (1 - demanded) / runs)

    return (
        found["ratio held"] >= HELD_LEAST - margin(HELD_LEAST)
        and found["false, together"] <= FALSE_MOST + margin(FALSE_MOST)
        and found["gate fails"] <= FAILED_MOST + margin(FAILED_MOST)
    )


def main() -> None:
    """Exit 1 where a share is not as demanded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="of each kind (default: %(default)s)")
    parser.add_argument("--round", type=float, default=0.02, help="a round's standard deviation (default: %(default)s)")
    options = parser.parse_args()
    as_demanded = []
    for seed, ((boots, rounds), ratio) in enumerate(itertools.product(PLANS, RATIOS), start=1):
        found = measured(Simulation(boots, rounds, ratio, options.round, seed), options.runs)
        as_demanded.append(right(found, options.runs))
        figures = ", ".join(f"{what} {percent(part, 1)}" for what, part in found.items())
        print(f"{boots} boots of {rounds} rounds, variance of boots × {ratio:g}: {figures}", flush=True)
    sys.exit(int(not all(as_demanded)))


if __name__ == "__main__":
    main()
