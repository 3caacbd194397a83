"""Places take turns within a trial: what is planted changes every few requests, so that all see the same machine.

From one second to the next a shared machine may be half as fast; between two neighbouring blocks it hardly changes.
"""

import random
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.planted.plants import NOTHING, plant
from harness.recording.rows import DONE, DUE, STATUS, Rows
from harness.recording.spool import Status

BLOCK_S = 0.15
"""Some eight requests of Celery's."""
ONCE, MORE = 5, 6
"""How many times 2 ms are planted to begin with, so that whatever sleeps meanwhile is cold; and then."""
PATTERN = (0, ONCE, MORE, ONCE)
"""What each place has in turn, before the next one's nothing."""


class Block(NamedTuple):
    """A time in which one place was planted so many times, by the clock of the stamps, in ns."""

    place: str
    times: int
    begin_ns: int
    end_ns: int


class Grown(NamedTuple):
    """By how much longer requests took, in ms."""

    first: float
    """With `ONCE`, against nothing."""
    second: float
    """With `MORE`, against `ONCE`."""


class Turns:
    """While it is entered, a thread plants the pattern in each place, place by place in random order."""

    def __init__(self, places: Sequence[str], seed: int) -> None:
        self.blocks: list[Block] = []
        self._places = places
        self._order = random.Random(seed)  # an order is no secret
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._take_turns)

    def __enter__(self) -> "Turns":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and wait for it; nothing is planted any more."""
        self._over.set()
        self._thread.join()
        plant(NOTHING)

    def _take_turns(self) -> None:
        while not self._over.is_set():
            for place in self._order.sample(self._places, len(self._places)):
                for times in PATTERN:
                    plant(place if times else NOTHING, times)
                    begin_ns = time.monotonic_ns()
                    self._over.wait(BLOCK_S)
                    self.blocks.append(Block(place, times, begin_ns, time.monotonic_ns()))


def grown_ms(rows: Rows, blocks: Sequence[Block]) -> dict[str, Grown]:
    """By place, medians over its turns of differences of means of the good replies that were due and came in a block.

    `rows`: requests × `COLUMNS`. A turn is compared with the blocks beside it, the next place's nothing among them. A
    place is missing where no turn of it has a request in each block.
    """
    good = rows[rows[:, STATUS] == Status.OK]
    good = good[np.argsort(good[:, DUE], kind="stable")]
    means = [_mean_ms(good, block) for block in blocks]
    first: dict[str, list[float]] = {}
    second: dict[str, list[float]] = {}
    width = len(PATTERN)
    for begin in range(0, len(blocks) - width, width):
        turn = [mean for mean in means[begin : begin + width + 1] if mean is not None]
        if len(turn) == width + 1:
            nothing, once, twice, again, nothing_again = turn
            place = blocks[begin].place
            first.setdefault(place, []).append((once + again) / 2 - (nothing + nothing_again) / 2)
            second.setdefault(place, []).append(twice - (once + again) / 2)
    return {place: Grown(float(np.median(first[place])), float(np.median(second[place]))) for place in first}


def _mean_ms(good: Rows, block: Block) -> float | None:
    first, last = np.searchsorted(good[:, DUE], [block.begin_ns, block.end_ns])
    inside = good[first:last]
    inside = inside[inside[:, DONE] <= block.end_ns]
    return float((inside[:, DONE] - inside[:, DUE]).mean()) / 1e6 if len(inside) else None
