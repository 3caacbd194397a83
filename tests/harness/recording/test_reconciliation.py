"""Reconciliation by id: every request issued ends once, and fits to what the workers executed."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.recording.fold import NOT_ENDED
from harness.recording.reconciliation import Reconciled, reconcile
from harness.recording.request_numbers import FIRST
from harness.recording.spool import Status


def of(endings: Sequence[int], executed: list[int] | None = None, *, ended_twice: int = 0) -> Reconciled:
    """What comes of requests with those endings, of which the workers executed those."""
    numbers: NDArray[np.int64] | None = None if executed is None else np.array(executed, dtype=np.int64)
    return reconcile(np.array(endings, dtype=np.int8), ended_twice, numbers)


ALL_OK = [Status.OK] * 4


def test_all_executed_once_is_in_order() -> None:
    """With the first request, which is verified before anything is timed."""
    assert of(ALL_OK, [FIRST, 2, 0, 1, 3]) == (5, 0, None)


def test_executions_beyond_one_a_request_are_duplicates() -> None:
    """Request 1 three times, request 3 twice."""
    assert of(ALL_OK, [0, 1, 1, 1, 2, 3, 3]) == (7, 3, None)


def test_without_the_workers_word_nothing_is_counted() -> None:
    """Null, rather than 0."""
    assert of(ALL_OK) == (None, None, None)


@pytest.mark.parametrize("ending", [Status.FAILED, Status.LOST])
def test_what_failed_or_was_lost_need_not_have_been_executed(ending: Status) -> None:
    """A message may be gone, and a connection may fail on the way."""
    assert of([Status.OK, ending], [0]).fault is None


@pytest.mark.parametrize("ending", [Status.OK, Status.WRONG])
def test_an_answer_without_an_execution_cannot_be(ending: Status) -> None:
    """However good it looks."""
    assert of([Status.OK, ending], [0]).fault == (
        "reconciliation: 1 requests were answered, but no worker executed them"
    )


@pytest.mark.parametrize("strange", [4, 99, FIRST - 1])
def test_an_execution_of_what_was_never_submitted_cannot_be(strange: int) -> None:
    """Another run's tasks, or a defect in the ids."""
    assert of(ALL_OK, [0, 1, 2, 3, strange]).fault == (
        "reconciliation: the workers executed 1 requests that were never submitted"
    )


def test_a_request_that_never_ended_cannot_be() -> None:
    """It is neither ok nor lost: the harness forgot it."""
    assert of([Status.OK, NOT_ENDED]).fault == "reconciliation: 1 of 2 requests submitted never ended"


def test_a_request_that_ended_twice_cannot_be() -> None:
    """It would be counted twice."""
    fault = of(ALL_OK, [0, 1, 2, 3], ended_twice=1).fault
    assert fault == "reconciliation: 1 requests ended more than once, or were never submitted"


@given(st.lists(st.tuples(st.sampled_from(list(Status)), st.integers(1, 3)), min_size=1, max_size=50))
def test_any_mixture_comes_out_exactly(fates: list[tuple[Status, int]]) -> None:
    """Each request with its ending, executed one to three times: nothing is a fault, duplicates are what is beyond."""
    executed = [number for number, (_, times) in enumerate(fates) for _ in range(times)]
    found = of([int(status) for status, _ in fates], executed[::-1])
    assert found == (len(executed), sum(times - 1 for _, times in fates), None)
    assert Counter(executed).total() == len(executed)
