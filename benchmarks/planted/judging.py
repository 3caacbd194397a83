"""Whether what was planted in a layer shows in that layer alone. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks.planted.plants import LAYER_OF
from harness.results.model import Interval
from harness.statistics.intervals import mean_of

WITHIN = 0.1
"""Share of what was slept."""
Rounds = Sequence[Sequence[float]]
"""Round by round, by how much the mean latency of each contender grew, in the order of the layers, in ms."""


class Growth(NamedTuple):
    """By how much a layer grew with what was planted, over the rounds."""

    layer: int
    ms: float
    interval: Interval | None
    slept_ms: float
    """How long the sleeps lasted, in the mean."""
    is_planted: bool
    """Whether it was planted there."""

    @property
    def right(self) -> bool:
        """What was slept, within a tenth, where it was planted; and nothing more than that tenth elsewhere.

        A layer that follows the planted one may shrink: the contender before it alone has become slower.
        """
        if self.is_planted:
            return abs(self.ms - self.slept_ms) <= WITHIN * self.slept_ms
        return self.ms <= WITHIN * self.slept_ms


def growths(plant: str, grown: Rounds, slept_ms: float) -> list[Growth]:
    """Of each layer, over the rounds."""
    by_layer = [layers_of(row) for row in grown]
    found = []
    for layer in range(len(by_layer[0])):
        mean, interval = mean_of([row[layer] for row in by_layer], [0] * len(by_layer))
        found.append(Growth(layer, mean, interval, slept_ms, LAYER_OF[plant] == layer))
    return found


def layers_of(row: Sequence[float]) -> list[float]:
    """The first contender's figure, then what each one has more than the one before it."""
    return [row[0], *(after - before for before, after in pairwise(row))]
