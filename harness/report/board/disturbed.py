"""Rows whose figures are those of a disturbed machine, or of a start: the board names the doubt in their place."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from harness.report.wording import listed
from harness.results.model import Cell, Results
from harness.statistics.comparisons import comparisons

DISTURBED = frozenset(
    {
        *("debug-mode", "drifting", "foreign-work", "frozen", "littles-law", "noisy-machine", "not-all-ok"),
        *("not-stationary", "other-slots", "out-of-memory", "process-lost", "throttled", "cpu-unaccounted"),
    }
)
"""Doubts with which a figure is that of a disturbed machine, or of a start, rather than of a contender."""


def doubts_of(cell: Cell) -> list[str]:
    """Those of them that a row or one of its trials has."""
    of_trials = [doubt for trial in cell.counted for doubt in trial.doubts]
    of_all = [*(cell.summary.doubts if cell.summary else ()), *of_trials]
    return sorted({doubt.kind for doubt in of_all} & DISTURBED)


def disturbed(document: Results) -> dict[str, str]:
    """What is said of each such row, by its id; of the rows that are shown."""
    return {cell.id: listed(found) for cell in _shown(document) if (found := doubts_of(cell))}


def objection(document: Results) -> str | None:
    """Why none of its rows is trusted: more than half of them are disturbed."""
    shown = _shown(document)
    kinds = Counter(kind for cell in shown for kind in doubts_of(cell))
    found = len(disturbed(document))
    if 2 * found <= len(shown):
        return None
    counted = listed([f"{kind} ({rows})" for kind, rows in sorted(kinds.items())])
    return f"{found} of {len(shown)} rows are disturbed: {counted}"


def undisturbed(document: Results) -> Results:
    """The document without those rows, and what the others show together."""
    without: Mapping[str, str] = disturbed(document)
    cells = [cell for cell in document.cells if cell.id not in without]
    return msgspec.structs.replace(document, cells=cells, comparisons=comparisons(cells, document.run.views))


def _shown(document: Results) -> list[Cell]:
    """Measured rows of a view: those of the floor are only calculated with."""
    views = {view.name for view in document.run.views}
    return [cell for cell in document.cells if cell.trials and views & set(cell.views)]
