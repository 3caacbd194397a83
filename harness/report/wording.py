"""How sentences of a report write ratios, intervals, lists and amounts."""

from collections.abc import Sequence

from harness.report.table import number
from harness.results.model import Interval, Scaling
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT


def times(ratio: float) -> str:
    """A ratio: `1.02 times`, `376 times`, `0.0012 times`."""
    if ratio >= 10:
        return f"{ratio:,.0f} times"
    return f"{ratio:.2f} times" if ratio >= 0.1 else f"{ratio:.2g} times"


def interval_of(interval: Interval) -> str:
    """An interval of a ratio, both ends to as many decimals."""
    digits = 0 if interval[0] >= 10 else 2 if interval[0] >= 0.1 else 4
    return f"95 % interval {interval[0]:,.{digits}f} to {interval[1]:,.{digits}f}"


def inverse(interval: Interval) -> Interval:
    """The interval of 1 ÷ ratio."""
    return 1 / interval[1], 1 / interval[0]


def indicative(rounds: int, boots: int) -> str:
    """What is added to a figure of fewer rounds or boots than a verdict needs."""
    if rounds < ROUNDS_FOR_VERDICT:
        return f"; indicative, {counted(rounds, 'round')}"
    return "" if boots >= BOOTS_FOR_VERDICT else f"; indicative, {counted(boots, 'boot')}"


def counted(number_of: int, noun: str) -> str:
    """`1 round`, `2 rounds`, `3 processes`, `4 crashes`."""
    ending = "" if number_of == 1 else "es" if noun.endswith(("ss", "sh")) else "s"
    return f"{number_of:,} {noun}{ending}"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *firsts, last = names or [""]
    return f"{', '.join(firsts)} and {last}" if firsts else last


def rounded(value: float) -> str:
    """To two significant digits: where lines cross is not known better."""
    return number(value, 2)


def at_value(scaling: Scaling, value: str, interval: str = "") -> str:
    """`12 % (10–18) of the time spent computing`; of what is counted, `8 slots`."""
    number_of = f"{value} {scaling.unit}".strip() + interval
    counts = not scaling.unit and not scaling.over.startswith("the ")
    return f"{number_of} {scaling.over}" if counts else f"{number_of} of {scaling.over}"


def amount(value: float) -> str:
    """A cost, to two significant digits, or whole."""
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def capitalised(text: str) -> str:
    """The text with its first letter capitalised."""
    return text[:1].upper() + text[1:]
