"""Reconciles a trial by ids: every request issued ends exactly once, and what the workers executed fits to it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.recording.endings import NOT_ENDED, Endings
from harness.recording.request_numbers import FIRST
from harness.recording.spool import Status

ANSWERED = (Status.OK, Status.WRONG)


class Reconciled(NamedTuple):
    """What came out; counts are None if the workers do not say what they executed."""

    executions: int | None
    duplicates: int | None
    fault: str | None
    """Why the figures cannot be: a defect of the harness or of what it measures, never load."""


def reconcile(
    endings: Endings, ended_twice: int, executed: NDArray[np.int64] | None, *, each: bool = True
) -> Reconciled:
    """`executed`: number of the request, once for each of its executions.

    `each`: whether every request that was answered must have been executed.
    """
    fault = _endings_fault(endings, ended_twice)
    if executed is None:
        return Reconciled(None, None, fault)
    numbers = _distinct(executed)
    strange = int(np.count_nonzero((numbers < FIRST) | (numbers >= len(endings))))
    mine = numbers[(numbers >= 0) & (numbers < len(endings))]
    unexplained = endings.count(*ANSWERED) - int(np.count_nonzero(np.isin(endings.at(mine), ANSWERED)))
    if strange:
        fault = fault or f"reconciliation: the workers executed {strange} requests that were never submitted"
    if unexplained and each:
        fault = fault or f"reconciliation: {unexplained} requests were answered, but no worker executed them"
    return Reconciled(len(executed), len(executed) - len(numbers), fault)


def never_executed(endings: Endings, executed: NDArray[np.int64] | None) -> int:
    """How many of the requests that were lost no worker has executed; 0 if the workers do not say."""
    return endings.count(Status.LOST) - unanswered(endings, executed) if executed is not None else 0


def unanswered(endings: Endings, executed: NDArray[np.int64] | None) -> int:
    """How many of the requests that were lost were executed all the same: their answers did not arrive."""
    if executed is None or not endings.count(Status.LOST):
        return 0
    numbers = _distinct(executed)
    mine = numbers[(numbers >= 0) & (numbers < len(endings))]
    return int(np.count_nonzero(endings.at(mine) == Status.LOST))


def _distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each once, in order: `np.unique` hashes them, which takes many times as long for millions in a row."""
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def _endings_fault(endings: Endings, ended_twice: int) -> str | None:
    if ended_twice:
        return f"reconciliation: {ended_twice} requests ended more than once, or were never submitted"
    if missing := endings.count(NOT_ENDED):
        return f"reconciliation: {missing} of {len(endings)} requests submitted never ended"
    return None
