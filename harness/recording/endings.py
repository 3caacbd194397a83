"""What each request of a trial ended as, by its number: in runs, of which a trial without faults has one."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

NOT_ENDED = -1

Numbers = NDArray[np.int64]


class Endings:
    """Runs of neighbours that ended alike: `ends`, exclusive, ascending from above 0; `kinds`, of each run."""

    def __init__(self, ends: Numbers, kinds: NDArray[np.int8]) -> None:
        self.ends = ends
        self.kinds = kinds

    @classmethod
    def of(cls, each: NDArray[np.int8]) -> Self:
        """From what each request ended as."""
        if not len(each):
            return cls(np.empty(0, np.int64), np.empty(0, np.int8))
        ends = np.append(np.flatnonzero(each[1:] != each[:-1]) + 1, len(each))
        return cls(ends.astype(np.int64), each[ends - 1])

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    @property
    def lengths(self) -> Numbers:
        """Of the runs."""
        return np.diff(self.ends, prepend=0)

    def count(self, *kinds: int) -> int:
        """How many requests ended as one of these."""
        return int(self.lengths[np.isin(self.kinds, kinds)].sum())

    def those(self, kind: int) -> Numbers:
        """The numbers of the requests that ended so."""
        runs = self.kinds == kind
        lengths, ends = self.lengths[runs], self.ends[runs]
        numbers: Numbers = np.arange(lengths.sum()) + np.repeat(ends - np.cumsum(lengths), lengths)
        return numbers

    def at(self, numbers: Numbers) -> NDArray[np.int8]:
        """What these requests ended as; each is one of the trial's."""
        found: NDArray[np.int8] = self.kinds[np.searchsorted(self.ends, numbers, side="right")]
        return found


def in_one_row(parts: Sequence[Endings]) -> Endings:
    """Those of the second driver follow those of the first."""
    before = np.cumsum([0, *map(len, parts)])[: len(parts)]
    ends = np.concatenate([part.ends + first for part, first in zip(parts, before, strict=True)])
    kinds = np.concatenate([part.kinds for part in parts])
    last = np.append(kinds[1:] != kinds[:-1], True)[: len(kinds)]
    return Endings(ends[last], kinds[last])
