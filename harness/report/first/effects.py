"""What a comparison of the document says, from the side of the better one."""

from harness.report.first.screen import Effect, Standing
from harness.report.pairs import Pair
from harness.report.wording import counted, inverse
from harness.results.model import Comparison, Interval
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.metrics import BY_KEY
from harness.statistics.verdicts import NO_DIFFERENCE, UNDECIDED, Said, said_by

STANDINGS: dict[Said, Standing] = {
    "above": "first",
    "below": "second",
    NO_DIFFERENCE: "equal",
    UNDECIDED: "undecided",
}


def effect_of(comparison: Comparison) -> Effect:
    """How many times as good its base is as its contender."""
    more = BY_KEY[comparison.metric].more_is_better
    interval = comparison.ci95 and (inverse(comparison.ci95) if more else comparison.ci95)
    standing = standing_of(interval)
    if comparison.verdict == NO_DIFFERENCE:  # of an older document, whose rule was another one
        standing = "equal"
    few = few_of(comparison.rounds, comparison.boots) if comparison.verdict is None else ""
    ratio = 1 / comparison.ratio if more else comparison.ratio
    return Effect(standing, ratio, interval, few, rounds=comparison.rounds, boots=comparison.boots)


def swapped(effect: Effect) -> Effect:
    """The same from the side of the other: how many times as good the contender is as its base."""
    others: dict[Standing, Standing] = {"first": "second", "second": "first"}
    return effect._replace(
        standing=others.get(effect.standing, effect.standing),
        ratio=effect.ratio and 1 / effect.ratio,
        interval=effect.interval and inverse(effect.interval),
    )


def speed_of(pair: Pair) -> Effect:
    """By what the load ranks; where the set-up decides that, only why there is no ratio."""
    return effect_of(pair.comparison) if pair.comparison else Effect("untold", why=pair.why or "")


def cpu_of(pair: Pair) -> Effect | None:
    """CPU a request; None where it is not known, or where there is no work."""
    return effect_of(pair.cpu) if pair.cpu else None


def standing_of(interval: Interval | None) -> Standing:
    """What the interval of how many times as good the first is says."""
    return STANDINGS[said_by(interval)]


def few_of(rounds: int, boots: int) -> str:
    """Why there is no verdict: `2 rounds`, `1 boot`; empty where there may be one."""
    if rounds < ROUNDS_FOR_VERDICT:
        return counted(rounds, "round")
    return counted(boots, "boot") if boots < BOOTS_FOR_VERDICT else ""
