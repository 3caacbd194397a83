"""Runs that were never measured: rows with a true rate each, whose boots and rounds vary by so much."""

import math
import random

from harness.results.model import Cell, Side, Usages
from tests.builders import cell_of, summarised, trial_of

ROUND_SD = 0.02
"""Standard deviation of a round's logarithm within its boot."""

SUMMARY = summarised(cell_of(rates=[100.0])).summary
"""Of every row: only that there is one counts here."""


def run_of(
    draw: random.Random,
    rates: list[float],
    *,
    boots: int = 5,
    rounds: int = 1,
    boot_to_round: float = 4.0,
    drift: float = 0.0,
) -> list[Cell]:
    """A cell for each rate; boots vary `boot_to_round` times as much as rounds within them (variances).

    `drift`: by how much all rates, of all cells alike, change from the first round to the last, in logarithms.
    """
    boot_sd = ROUND_SD * boot_to_round**0.5
    effects = [[draw.gauss(0, boot_sd) for _ in range(boots)] for _ in rates]
    last = max(1, boots * rounds - 1)
    made = []
    for number, rate in enumerate(rates):
        logs = [
            effects[number][index // rounds] + draw.gauss(0, ROUND_SD) + drift * index / last
            for index in range(boots * rounds)
        ]
        trials = [
            trial_of(index + 1, rate * math.exp(log), boot=index // rounds, cpu_s_per_1000=None, usage=Usages())
            for index, log in enumerate(logs)
        ]
        side: Side = "celery" if number else "asyncio"
        made.append(cell_of(f"row-{number}", side=side, trials=trials, id=f"row-{number}", summary=SUMMARY))
    return made
