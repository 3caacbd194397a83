"""Numbers of a trial's requests: each of its drivers has a range of its own, and all together are one row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # in a driver, whose memory is measured, numpy would take 10 MB
    import numpy as np
    from numpy.typing import NDArray

FIRST = -1
"""The number of the request that is verified before anything is timed; with several drivers, also those below."""
BITS = 40
"""Of a number, for a driver's own count."""
TRIAL_BITS = 20
"""Of a trial's number, for its own count within its run; the rest is the run's, where runs share a broker."""
MASK = (1 << BITS) - 1


def first_number(driver: int) -> int:
    """Where the numbers of that driver begin."""
    return driver << BITS


def in_one_row(numbers: "NDArray[np.int64]", issued: Sequence[int]) -> "NDArray[np.int64]":
    """Numbers as if a single driver had issued all: those of the second driver follow those of the first.

    `issued` is how many each driver issued; a number that none of them did comes to lie beyond all.
    """
    import numpy as np

    before = np.concatenate([[0], np.cumsum(issued)]).astype(np.int64)
    driver, count = numbers >> BITS, numbers & MASK
    known = (numbers >= 0) & (driver < len(issued))
    limits = np.asarray([*issued, 0], dtype=np.int64)[np.where(known, driver, len(issued))]
    moved = before[np.where(known, driver, len(issued))] + np.where(known & (count < limits), count, before[-1])
    return np.where(numbers < 0, FIRST, moved)
