"""What a run with crashes has shown of its contenders' promises: a price is told only of what was kept."""

from harness.results.model import Cell, Results
from harness.statistics.crash_totals import crash_totals

NOTHING = frozenset({"none", "at most once"})
"""Promises that settings do not add to a contender."""


class Promised:
    """By the name of a contender; empty where no fault struck."""

    def __init__(self, results: Results) -> None:
        struck = [cell for cell in results.cells if cell.load.fault is not None]
        totals = crash_totals(struck) if struck else []
        self._broken = {each.cell.name for each in totals if each.broken}
        self._kept = {each.cell.name: each.promise for each in totals if each.cell.name not in self._broken}

    def __bool__(self) -> bool:
        return bool(self._broken or self._kept)

    def broken(self, cell: Cell) -> bool:
        """Whether it broke its promise in any crash."""
        return cell.name in self._broken

    def of(self, cell: Cell) -> str:
        """What it promised and kept, beyond what it does without settings; empty where that is not known."""
        promise = self._kept.get(cell.name, "")
        return "" if promise in NOTHING else promise
