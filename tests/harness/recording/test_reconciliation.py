"""Reconciliation by id: every request issued ends once, and fits to what the workers executed, whatever the mixture."""

from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.recording.endings import NOT_ENDED, Endings
from harness.recording.fold import Fold
from harness.recording.fold_terms import FoldTerms
from harness.recording.reconciliation import Reconciled, never_executed, reconcile, unanswered
from harness.recording.request_numbers import FIRST
from harness.recording.spool import COLUMNS, Status

S = 1_000_000_000

NEVER = None

ANSWERED = (Status.OK, Status.WRONG)

fates = st.sampled_from([*Status, NEVER])

requests = st.lists(st.tuples(fates, st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=40)

strangers = st.lists(st.sampled_from([-9, FIRST - 1, 0, 7]), max_size=4)

ALL_OK = [Status.OK] * 4


def of(endings: Sequence[int], executed: list[int] | None = None, *, ended_twice: int = 0) -> Reconciled:
    """What comes of requests with those endings, of which the workers executed those."""
    numbers: NDArray[np.int64] | None = None if executed is None else np.array(executed, dtype=np.int64)
    return reconcile(Endings.of(np.array(endings, dtype=np.int8)), ended_twice, numbers)


def expected_fault(ended_again: int, never: int, strange: int, unexplained: int, submitted: int) -> str | None:
    """The first that applies: what the driver itself got wrong stands before what the workers say."""
    if ended_again:
        return f"reconciliation: {ended_again} requests ended more than once, or were never submitted"
    if never:
        return f"reconciliation: {never} of {submitted} requests submitted never ended"
    if strange:
        return f"reconciliation: the workers executed {strange} requests that were never submitted"
    if unexplained:
        return f"reconciliation: {unexplained} requests were answered, but no worker executed them"
    return None


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


@settings(max_examples=200)
@given(requests, strangers, st.integers(0, 2), st.randoms(use_true_random=False))
def test_every_request_comes_out_as_what_became_of_it(
    drawn: list[tuple[Status | None, int, int]], others: list[int], first: int, order: Random
) -> None:
    """Random endings, second endings, executions and foreign executions, in any order: all counts are exact."""
    submitted = len(drawn)
    ended = [
        (number, fate) for number, (fate, again, _) in enumerate(drawn) if fate is not None for _ in range(1 + again)
    ]
    strange = [other if other < 0 else submitted + other for other in others]
    executed = [number for number, (_, _, times) in enumerate(drawn) for _ in range(times)]
    executed += [FIRST] * first + strange
    order.shuffle(ended)
    order.shuffle(executed)
    rows_of = Fold(FoldTerms(0, S, True), issued=submitted)
    for begin in range(0, len(ended), 7):
        rows = [(number, 0, 0, 0, 0, 1, 1, int(fate)) for number, fate in ended[begin : begin + 7]]
        rows_of.add(np.array(rows, dtype=np.int64).reshape(-1, len(COLUMNS)))

    fold = rows_of.folded()
    found = reconcile(fold.endings, fold.ended_twice, np.array(executed, dtype=np.int64))

    never = sum(fate is None for fate, _, _ in drawn)
    unexplained = sum(fate in ANSWERED and not times for fate, _, times in drawn)
    ended_again = len(ended) - (submitted - never)
    assert found.executions == len(executed)
    assert found.duplicates == sum(times - 1 for times in Counter(executed).values())
    assert found.fault == expected_fault(ended_again, never, len(set(strange)), unexplained, submitted)
    lost = [times for fate, again, times in drawn if fate == Status.LOST]
    assert unanswered(fold.endings, np.array(executed, dtype=np.int64)) == sum(times > 0 for times in lost)
    assert never_executed(fold.endings, np.array(executed, dtype=np.int64)) == sum(times == 0 for times in lost)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_whichever_request_never_ended_is_missed(missing: int) -> None:
    """The first and the last as much as any other."""
    endings = np.zeros(3, dtype=np.int8)
    endings[missing] = NOT_ENDED
    assert reconcile(Endings.of(endings), 0, None).fault == "reconciliation: 1 of 3 requests submitted never ended"


def test_the_drivers_own_fault_is_told_also_without_the_workers_word() -> None:
    """What the workers do not say takes nothing from what the driver knows."""
    found = reconcile(Endings.of(np.zeros(3, dtype=np.int8)), 2, None)
    assert found == (None, None, "reconciliation: 2 requests ended more than once, or were never submitted")
    assert never_executed(Endings.of(np.full(3, Status.LOST, dtype=np.int8)), None) == 0


def test_a_trial_without_requests_is_in_order() -> None:
    """The first one, which is verified, is all that was executed."""
    assert reconcile(Endings.of(np.empty(0, dtype=np.int8)), 0, np.array([FIRST], dtype=np.int64)) == (1, 0, None)


def test_a_foreign_request_executed_often_is_one_stranger() -> None:
    """Strangers are counted by id, and their repetitions are duplicates as well."""
    found = reconcile(Endings.of(np.zeros(2, dtype=np.int8)), 0, np.array([0, 1, 8, 8, 8], dtype=np.int64))
    assert found == (5, 2, "reconciliation: the workers executed 1 requests that were never submitted")
