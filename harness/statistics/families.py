"""Several comparisons judged together, so that more rows do not mean more false differences. Pure functions.

Source: Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6(2).
Among comparisons without a true difference, the chance of calling any of them different is at most 5 %, however they
depend on each other: they share a base.
"""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from harness.results.base import Interval
from harness.statistics.intervals import ALPHA, Estimate


def alphas(family: Sequence[Estimate]) -> list[float]:
    """For each estimate the alpha at which Holm's procedure tests it: its interval there is the one it is judged by.

    The least likely one is tested at 5 % ÷ m, the next one at 5 % ÷ (m − 1), until one is not significant: what
    follows is judged at that one's level. So an interval leaves out 1 exactly where the procedure calls a difference,
    and none is narrower than 95 %. Estimates without an interval are no part of the family.
    """
    chances = {index: p for index, one in enumerate(family) if (p := one.p_of_one()) is not None}
    levels = [ALPHA] * len(family)
    ordered = sorted(chances, key=chances.__getitem__)
    for rank, index in enumerate(ordered):
        levels[index] = ALPHA / (len(ordered) - rank)
        if chances[index] > levels[index]:
            for later in ordered[rank:]:
                levels[later] = levels[index]
            break
    return levels


class Judged(NamedTuple):
    """How one comparison is judged."""

    interval: Interval | None
    """At least 95 %."""
    family: int
    """How many are judged together."""


def judged(ratios: Sequence[tuple[Hashable, Estimate]]) -> list[Judged]:
    """Each ratio with what it belongs to, such as its metric: those of the same are one family."""
    members: dict[Hashable, list[int]] = {}
    for index, (key, _) in enumerate(ratios):
        members.setdefault(key, []).append(index)
    made: dict[int, Judged] = {}
    for indexes in members.values():
        family = [ratios[index][1] for index in indexes]
        size = sum(one.error is not None for one in family)
        for index, one, alpha in zip(indexes, family, alphas(family), strict=True):
            made[index] = Judged(one.interval(alpha), max(1, size))
    return [made[index] for index in range(len(ratios))]
