"""Rows made by hand, and what they fold into."""

from collections.abc import Sequence

import msgspec
import numpy as np

from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.folded import Folded
from harness.recording.rows import Rows
from harness.recording.spool import COLUMNS, Status
from harness.results.model import Stages

S, MS = 1_000_000_000, 1_000_000
Row = tuple[int, int, int, int, int, int, int]


def row(due: int, *, took: int = MS, status: Status = Status.OK) -> Row:
    """A request that started when it was due and was executed all the time."""
    return due, due, due, due, due + took, due + took, int(status)


def folded(rows: Sequence[Row], opened: int = 0, closed: int = S, comparable: bool = True) -> Folded:
    """The rows, folded as one chunk."""
    fold = Fold(FoldTerms(opened, closed, comparable), len(rows))
    fold.add(numbered(rows))
    return fold.folded()


def numbered(rows: Sequence[Row]) -> Rows:
    """As a recorder spools them: the request's number first."""
    return np.array([(number, *row) for number, row in enumerate(rows)], dtype=np.int64).reshape(-1, len(COLUMNS))


def means_of(stages: Stages) -> dict[str, float]:
    """The mean of each stage that there is, in order."""
    return {name: stage["mean"] for name, stage in msgspec.to_builtins(stages).items() if stage is not None}
