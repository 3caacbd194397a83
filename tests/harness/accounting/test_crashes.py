"""The account of a crash: by id, exactly what was lost and repeated; witnesses that contradict each other are said."""

from typing import Any

import msgspec
import pytest

from harness.accounting.crashes import Evidence, Struck, contradictions, crash_of
from harness.recording.ledger import Entry, Event
from harness.results.crashes import Crash, Promise

MS = 1_000_000
STRUCK_AT = 100
Q, A, S, E, R, F, X = (
    *(Event.OFFERED, Event.ACCEPTED, Event.STARTED, Event.ENDED),
    *(Event.REPLIED, Event.FAILED, Event.REFUSED),
)
Events = tuple[tuple[Event, int], ...]
WELL: Events = ((Q, 0), (A, 1), (S, 10), (E, 60), (R, 61))


def evidence(requests: dict[int, Events], **changes: Any) -> Evidence:
    """Number → its events, each at so many ms; the fault struck at 100 ms."""
    rows = [(at, number, event) for number, events in requests.items() for event, at in events]
    entries = [Entry(1, number, event, at * MS, 99) for at, number, event in sorted(rows)]
    return msgspec.structs.replace(Evidence(entries=entries, struck_ns=STRUCK_AT * MS), **changes)


def account(known: Evidence, promise: Promise = "none", *, told: bool = False) -> Crash:
    """The account under a promise."""
    return crash_of(known, Struck(fault="kill-worker", told=told, promise=promise))


def test_three_that_were_acknowledged_early_and_died_are_lost_and_no_others() -> None:
    """Known ids: exactly these, by whatever else is going on."""
    died: Events = ((Q, 0), (A, 1), (S, 90))
    requests = dict.fromkeys(range(12), WELL) | dict.fromkeys((3, 5, 8), died)
    crash = account(evidence(requests), "at most once")
    assert (crash.lost, crash.lost_ids, crash.done, crash.accepted) == (3, [3, 5, 8], 9, 12)
    assert crash.broken is None
    assert account(evidence(requests), "at least once").broken == "at least once, but 3, 5, 8 lost"


def test_each_request_is_in_one_place() -> None:
    """Done, failed, waiting, lost; what was refused or died before it was accepted is none of them."""
    known = evidence(
        {
            0: WELL,
            1: ((Q, 0), (A, 1), (S, 5), (F, 120)),
            2: ((Q, 0), (A, 1)),
            3: ((Q, 0), (A, 1), (S, 5)),
            4: ((Q, 0), (X, 1)),
            5: ((Q, 99), (S, 100), (E, 140)),
            6: ((Q, 0), (A, 1), (S, 5), (F, 110), (S, 150), (E, 200)),
            7: ((Q, 0), (A, 1)),
        },
        ready=frozenset({7}),
        held=frozenset({2}),
    )
    crash = account(known)
    assert (crash.done, crash.failed, crash.lost, crash.waiting, crash.held) == (2, 1, 1, 2, 1)
    assert (crash.accepted, crash.offered, crash.refused, crash.unaccepted) == (6, 8, 1, 1)
    assert (crash.lost_ids, crash.failed_ids, crash.repeated_ids, crash.unanswered) == ([3], [1], [6], 1)
    assert contradictions(known, crash) == []


def test_what_the_origin_saw_twice_was_repeated() -> None:
    """Also where it was begun again and died before it called: that is no second effect."""
    twice = ((Q, 0), (A, 1), (S, 5), (S, 150), (E, 200), (R, 201))
    known = evidence({0: twice, 1: twice}, begun={0: 2, 1: 1}, ended={0: 1, 1: 1})
    crash = account(known, "at most once")
    assert (crash.repeated, crash.repeated_seen, crash.repeated_ids) == (2, 1, [0])
    assert crash.broken == "at most once, but 0 begun more than once"


@pytest.mark.parametrize(
    ("promise", "told", "is_broken"),
    [
        ("none", True, False),
        ("at most once", True, False),
        ("at least once", False, True),
        ("at least once if told to end", False, False),
        ("at least once if told to end", True, True),
    ],
)
def test_a_loss_breaks_what_was_promised(promise: Promise, told: bool, is_broken: bool) -> None:
    """And a failure that nobody tries again as well."""
    for end in ((), ((F, 120),)):
        crash = account(evidence({0: WELL, 1: ((Q, 0), (A, 1), (S, 5), *end)}), promise, told=told)
        assert (crash.broken is not None) == is_broken


def test_what_waits_breaks_no_promise_yet() -> None:
    """It may still be done."""
    assert account(evidence({0: ((Q, 0), (A, 1))}, held=frozenset({0})), "at least once").broken is None


@pytest.mark.parametrize(("expires_s", "waits"), [(None, True), (1.0, False), (7200.0, True)])
def test_what_expires_before_it_comes_back_is_lost(expires_s: float | None, waits: bool) -> None:
    """Whoever takes it then drops it: of a message that was taken, not of one in the queue."""
    known = evidence({0: ((Q, 0), (A, 1)), 1: ((Q, 0), (A, 1))}, held=frozenset({0}), ready=frozenset({1}))
    struck = Struck(fault="kill-worker", told=False, promise="none", visibility_timeout_s=3600.0, expires_s=expires_s)
    crash = crash_of(known, struck)
    assert (crash.lost, crash.waiting, crash.held) == ((0, 2, 1) if waits else (1, 1, 0))


def test_times_run_from_the_fault() -> None:
    """The next reply; and when what was open then had been done."""
    late = ((Q, 0), (A, 1), (S, 150), (E, 400), (R, 450))
    never = ((Q, 0), (A, 1), (S, 50))
    crash = account(evidence({0: WELL, 1: late, 2: never}))
    assert (crash.next_reply_s, crash.backlog_gone_s, crash.struck_at) == (0.35, 0.3, 3)
    assert account(evidence({2: never})).next_reply_s is None


@pytest.mark.parametrize(
    ("requests", "changes", "said"),
    [
        ({0: ((A, 1), (S, 2), (E, 3))}, {}, "accepted, but never submitted: 0"),
        ({0: ((S, 2),)}, {}, "executed, but never submitted: 0"),
        ({0: ((Q, 0), (A, 1), (S, 2), (R, 3))}, {}, "answered, but no process has noted the end of the work: 0"),
        ({0: WELL}, {"begun": {0: 2}, "ended": {0: 1}}, "the origin saw more executions than were noted: 0"),
        ({0: WELL}, {"begun": {0: 1}, "ended": {}}, "noted as done, but the origin saw no end: 0"),
        ({0: WELL}, {"begun": {}, "ended": {0: 1}}, "the origin saw the end, but no begin: 0"),
    ],
)
def test_witnesses_that_contradict_each_other_are_said(requests: Any, changes: Any, said: str) -> None:
    """Then none of it is to be believed."""
    known = evidence(requests, **changes)
    assert said in contradictions(known, account(known))


def test_an_account_that_does_not_add_up_is_said() -> None:
    """Whatever the reason."""
    known = evidence({0: WELL})
    wrong = msgspec.structs.replace(account(known), lost=1)
    assert contradictions(known, wrong) == ["1 requests were accepted, but 2 are accounted for"]
