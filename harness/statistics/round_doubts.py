"""Reasons not to trust what several trials show together: too few rounds or boots, or too far apart."""

from harness.results.model import Doubt, Interval
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT, Estimate
from harness.statistics.units import percent

WIDE_MOST = 0.1


def of_estimate(rate: Estimate) -> list[Doubt]:
    """Doubts about a throughput over its rounds and boots."""
    return [*of_rounds(rate.rounds, rate.value, rate.interval()), *of_boots(rate.boots, rate.rounds)]


def of_rounds(trials: int, centre: float, interval: Interval | None) -> list[Doubt]:
    """Doubts if trials are too few, or too far apart."""
    if trials < ROUNDS_FOR_VERDICT:
        return [
            Doubt(
                kind="too-few-rounds",
                text=f"fewer than {ROUNDS_FOR_VERDICT} rounds: intervals and ratios are indicative",
                advice=f"use --rounds {ROUNDS_FOR_VERDICT} or more",
            )
        ]
    if interval is not None and (interval[1] - interval[0]) / 2 > WIDE_MOST * centre:
        return [
            Doubt(
                kind="wide-interval",
                text=f"the interval of the throughput is wider than ±{percent(WIDE_MOST)}",
                advice="use more boots and rounds, a longer duration or a quieter machine",
            )
        ]
    return []


def of_boots(boots: int, trials: int) -> list[Doubt]:
    """Doubts if all of several trials ran with the same start of the workers."""
    if boots >= BOOTS_FOR_VERDICT or trials < 2:
        return []
    return [
        Doubt(
            kind="one-boot",
            text="all rounds ran with one start of the workers: intervals hold what varies between rounds, not what "
            "varies between starts, and ratios are indicative",
            advice="let the run start its workers several times (--boots 3 or more)",
        )
    ]
