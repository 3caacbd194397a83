"""What a fault did to a contender, over all trials of a cell. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from harness.results.model import Cell, Crash, Promise
from harness.statistics.binomial import share_text

ACCOUNTED = ("measured",)


class CrashTotals(msgspec.Struct, frozen=True, kw_only=True):
    """A cell's crashes together."""

    cell: Cell
    fault: str
    promise: Promise
    crashes: Sequence[Crash]

    def total(self, of: str) -> int:
        """A count, over all trials."""
        return sum(getattr(crash, of) or 0 for crash in self.crashes)

    def in_trials(self, of: str) -> str:
        """In how many trials it was not 0, with the interval of that share."""
        return share_text(sum(bool(getattr(crash, of)) for crash in self.crashes), len(self.crashes))

    @property
    def repeated(self) -> int:
        """Requests begun more than once, by what the origin saw where it was called."""
        return sum(crash.repeated if crash.repeated_seen is None else crash.repeated_seen for crash in self.crashes)

    @property
    def broken(self) -> list[Crash]:
        """Those in which the promise was broken."""
        return [crash for crash in self.crashes if crash.broken is not None]

    def middle(self, of: str) -> float | None:
        """The middle of a time, of the trials in which it is known."""
        known = sorted(value for crash in self.crashes if (value := getattr(crash, of)) is not None)
        return known[len(known) // 2] if known else None

    @property
    def visibility_timeout_s(self) -> float | None:
        """The same in all trials."""
        return self.crashes[0].visibility_timeout_s


def crash_totals(cells: Iterable[Cell]) -> list[CrashTotals]:
    """One for each cell in which a fault struck."""
    found = []
    for cell in cells:
        crashes = [trial.crash for trial in cell.counted if trial.crash and trial.status in ACCOUNTED]
        if crashes:
            found.append(CrashTotals(cell=cell, fault=crashes[0].fault, promise=crashes[0].promise, crashes=crashes))
    return found
