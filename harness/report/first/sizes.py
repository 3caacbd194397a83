"""How sentences of a first screen write the size of an effect, whichever of the two is ahead."""

from collections.abc import Sequence

from harness.report.first.screen import Effect
from harness.report.table import number

TEN = 9.95
"""From here, a ratio is written whole."""


DIGITS = range(2, 5)


def plainly(ratio: float) -> str:
    """To two digits: `1.5`, `14`; near 1 to as many as tell it from 1: `1.04`."""
    if ratio >= TEN:
        return f"{ratio:,.0f}"
    texts = [number(ratio, digits) for digits in DIGITS]
    return next((text for text in texts if float(text) != 1), texts[0])


def size_of(effect: Effect) -> float:
    """How many times, whichever of the two is ahead."""
    return max(effect.ratio, 1 / effect.ratio) if effect.ratio else 1.0


def times_of(effects: Sequence[Effect]) -> str:
    """`1.2 times`, `1.1 to 1.9 times`; empty of none."""
    sizes = sorted(map(size_of, effects))
    if not sizes:
        return ""
    low, high = plainly(sizes[0]), plainly(sizes[-1])
    return f"{low} times" if low == high else f"{low} to {high} times"
