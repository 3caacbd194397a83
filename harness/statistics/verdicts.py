"""What an interval of a ratio says: the only place where a difference, none, or neither is called. Pure functions."""

from typing import Final, Literal

from harness.results.base import Interval
from harness.results.comparisons import NoCrossover, Verdict

EQUAL_WITHIN = 0.05
"""Two are called equal only where the whole interval of their ratio lies within ±5 %, whichever of them is the base."""
NO_DIFFERENCE: Final = "no difference"
UNDECIDED: Final = "undecided"
Said = Literal["above", "below", "no difference", "undecided"]


def said_by(interval: Interval | None) -> Said:
    """Whether the ratio is above 1, below 1, as good as 1, or none of these is known."""
    if interval is None:
        return UNDECIDED
    low, high = interval
    if low >= 1 / (1 + EQUAL_WITHIN) and high <= 1 + EQUAL_WITHIN:
        return NO_DIFFERENCE
    if low > 1:
        return "above"
    return "below" if high < 1 else UNDECIDED


def equal_at(pair: NoCrossover) -> list[float]:
    """Values of a sweep at which its two contenders do not differ."""
    return [at.x for at in pair.ratios if said_by(at.ci95) == NO_DIFFERENCE]


def in_words(said: Said, above_and_below: tuple[Verdict, Verdict]) -> Verdict:
    """That, where a ratio above 1 and one below 1 have names of their own."""
    if said in ("above", "below"):
        return above_and_below[said == "below"]
    return NO_DIFFERENCE if said == NO_DIFFERENCE else UNDECIDED
