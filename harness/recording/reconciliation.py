"""Reconciles a trial by ids: every request issued ends exactly once, and what the workers executed fits to it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.recording.fold import NOT_ENDED
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
    endings: NDArray[np.int8], ended_twice: int, executed: NDArray[np.int64] | None, *, each: bool = True
) -> Reconciled:
    """`endings`: status by request number; `executed`: number of the request, once for each of its executions.

    `each`: whether every request that was answered must have been executed.
    """
    fault = _endings_fault(endings, ended_twice)
    if executed is None:
        return Reconciled(None, None, fault)
    numbers = np.unique(executed)
    strange = int(np.count_nonzero((numbers < FIRST) | (numbers >= len(endings))))
    mine = numbers[(numbers >= 0) & (numbers < len(endings))]
    was_executed = np.zeros(len(endings), dtype=bool)
    was_executed[mine] = True
    unexplained = int(np.count_nonzero(np.isin(endings, ANSWERED) & ~was_executed))
    if strange:
        fault = fault or f"reconciliation: the workers executed {strange} requests that were never submitted"
    if unexplained and each:
        fault = fault or f"reconciliation: {unexplained} requests were answered, but no worker executed them"
    return Reconciled(len(executed), len(executed) - len(numbers), fault)


def never_executed(endings: NDArray[np.int8], executed: NDArray[np.int64] | None) -> int:
    """How many of the requests that were lost no worker has executed; 0 if the workers do not say."""
    lost = np.flatnonzero(endings == Status.LOST)
    return int(np.count_nonzero(~np.isin(lost, executed))) if executed is not None else 0


def unanswered(endings: NDArray[np.int8], executed: NDArray[np.int64] | None) -> int:
    """How many of the requests that were lost were executed all the same: their answers did not arrive."""
    lost = np.flatnonzero(endings == Status.LOST)
    return int(np.count_nonzero(np.isin(lost, executed))) if executed is not None else 0


def _endings_fault(endings: NDArray[np.int8], ended_twice: int) -> str | None:
    if ended_twice:
        return f"reconciliation: {ended_twice} requests ended more than once, or were never submitted"
    if missing := int(np.count_nonzero(endings == NOT_ENDED)):
        return f"reconciliation: {missing} of {len(endings)} requests submitted never ended"
    return None
