"""Several short runs of one side, as the one run that they are parts of. Pure functions."""

from collections.abc import Sequence

import msgspec

from harness.results.model import Cell, Results, Trial


def merged(parts: Sequence[Results], name: str) -> Results:
    """One document called `name`: each part is a boot, whose rounds follow those of the part before it.

    Cells that only some of the parts have are left out; there are no summaries and no comparisons in it.
    """
    common = set.intersection(*({cell.id for cell in part.cells} for part in parts))
    cells = [_merged(cell, parts) for cell in parts[0].cells if cell.id in common]
    run = parts[0].run
    run = msgspec.structs.replace(
        run, id=name, finished=parts[-1].run.finished, rounds=run.rounds * len(parts), boots=len(parts)
    )
    return msgspec.structs.replace(parts[0], run=run, cells=cells, comparisons=[], scalings=[])


def _merged(cell: Cell, parts: Sequence[Results]) -> Cell:
    trials: list[Trial] = []
    for boot, part in enumerate(parts):
        same = next(other for other in part.cells if other.id == cell.id)
        before = boot * part.run.rounds
        trials += [
            msgspec.structs.replace(trial, boot=boot, round=before + trial.round, order=len(trials) + number)
            for number, trial in enumerate(same.trials)
        ]
    return msgspec.structs.replace(cell, trials=trials, summary=None)
