"""Reconciliation of whatever mixture: through the fold, as in a trial, with every fault at once."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.recording.fold import NOT_ENDED, Fold
from harness.recording.reconciliation import reconcile
from harness.recording.request_numbers import FIRST
from harness.recording.spool import COLUMNS, Status

S = 1_000_000_000
NEVER = None
ANSWERED = (Status.OK, Status.WRONG)

fates = st.sampled_from([*Status, NEVER])
requests = st.lists(st.tuples(fates, st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=40)
strangers = st.lists(st.sampled_from([-9, FIRST - 1, 0, 7]), max_size=4)


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
    fold = Fold(0, S, True, issued=submitted)
    for begin in range(0, len(ended), 7):
        rows = [(number, 0, 0, 0, 0, 1, 1, int(fate)) for number, fate in ended[begin : begin + 7]]
        fold.add(np.array(rows, dtype=np.int64).reshape(-1, len(COLUMNS)))

    found = reconcile(fold.endings, fold.ended_twice, np.array(executed, dtype=np.int64))

    never = sum(fate is None for fate, _, _ in drawn)
    unexplained = sum(fate in ANSWERED and not times for fate, _, times in drawn)
    ended_again = len(ended) - (submitted - never)
    assert found.executions == len(executed)
    assert found.duplicates == sum(times - 1 for times in Counter(executed).values())
    assert found.fault == expected_fault(ended_again, never, len(set(strange)), unexplained, submitted)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_whichever_request_never_ended_is_missed(missing: int) -> None:
    """The first and the last as much as any other."""
    endings = np.zeros(3, dtype=np.int8)
    endings[missing] = NOT_ENDED
    assert reconcile(endings, 0, None).fault == "reconciliation: 1 of 3 requests submitted never ended"


def test_the_drivers_own_fault_is_told_also_without_the_workers_word() -> None:
    """What the workers do not say takes nothing from what the driver knows."""
    found = reconcile(np.zeros(3, dtype=np.int8), 2, None)
    assert found == (None, None, "reconciliation: 2 requests ended more than once, or were never submitted")


def test_a_trial_without_requests_is_in_order() -> None:
    """The first one, which is verified, is all that was executed."""
    assert reconcile(np.empty(0, dtype=np.int8), 0, np.array([FIRST], dtype=np.int64)) == (1, 0, None)


def test_a_foreign_request_executed_often_is_one_stranger() -> None:
    """Strangers are counted by id, and their repetitions are duplicates as well."""
    found = reconcile(np.zeros(2, dtype=np.int8), 0, np.array([0, 1, 8, 8, 8], dtype=np.int64))
    assert found == (5, 2, "reconciliation: the workers executed 1 requests that were never submitted")
