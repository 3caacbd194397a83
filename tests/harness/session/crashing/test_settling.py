"""When nothing more happens to the requests of a trial with a fault: in virtual time."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from harness.machine.clock import NS
from harness.recording.ledger import Entry, Event
from harness.services.brokers.broker import Left
from harness.session.crashing import executions, settling
from harness.session.crashing.settling import BETWEEN_S, LIMIT_S, NOTHING, Rules, Settled, settled

JOB_S = 6.0
ALIVE, DEAD = 5, 6
BEGIN_S = 100.0
Asked = Callable[[], Coroutine[Any, Any, Left]]
Until = Callable[..., tuple[Settled, float]]


@pytest.fixture
def until(monkeypatch: pytest.MonkeyPatch) -> Until:
    """By those rules and with those entries, each once its moment has come: how it stands when it is over, and when."""
    now_ns = [0]

    async def sleep(seconds: float) -> None:
        now_ns[0] += int(seconds * NS)

    async def left() -> Left:
        return NOTHING

    def ran(rules: Rules, entries: list[Entry], left: Asked = left) -> tuple[Settled, float]:
        now_ns[0] = int(BEGIN_S * NS)
        over = asyncio.run(settled(rules, lambda: [one for one in entries if one.at_ns <= now_ns[0]], left))
        return over, now_ns[0] / NS - BEGIN_S

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(settling, "monotonic_ns", lambda: now_ns[0])
    monkeypatch.setattr(executions, "lives", lambda pid: pid == ALIVE)
    return ran


def rules(job_s: float, most_s: float = math.inf) -> Rules:
    """Of two requests on Redis."""
    return Rules(
        offered=2, quiet_s=1.0, visibility_timeout_s=3600.0, limit_s=LIMIT_S, job_s=job_s, waves=1, most_s=most_s
    )


@pytest.mark.parametrize("job_s", [JOB_S, 0.0])
def test_what_a_living_process_executes_is_waited_for_however_quiet_it_is(until: Until, job_s: float) -> None:
    """Also where nobody knows how long it takes: else it would be called lost, and run on into the next trial."""
    over, at_s = until(rules(job_s), [*begun(ALIVE), *ended(JOB_S, ALIVE)])
    assert over.under_way == []
    assert at_s > JOB_S


def test_what_a_process_that_has_gone_executed_is_not_waited_for(until: Until) -> None:
    """It is lost, unless it begins again within seconds."""
    over, at_s = until(rules(JOB_S), begun(DEAD))
    assert over.under_way == []
    assert BETWEEN_S < at_s < 2 * BETWEEN_S


@pytest.mark.parametrize(("final", "at_least_s", "at_most_s"), [(True, 0.0, 2.0), (False, 12.0, 15.0)])
def test_what_has_failed_is_over_where_it_is_not_tried_again(
    until: Until, final: bool, at_least_s: float, at_most_s: float
) -> None:
    """As for the caller of a task whose child was killed; else it may begin again, as long as the fault says."""
    one = [entry(0, Event.ENDED, 0.5, ALIVE), entry(0, Event.REPLIED, 0.6, ALIVE), entry(1, Event.FAILED, 0.7, ALIVE)]
    of_fault = rules(0.2)._replace(quiet_s=12.0, told_is_final=final)
    over, at_s = until(of_fault, [*begun(ALIVE), *one])
    assert over.under_way == []
    assert at_least_s < at_s < at_most_s


def test_at_the_limit_what_still_runs_is_named(until: Until) -> None:
    """What becomes of it is not known; the limit grows with what a job is known to take, up to the run's own."""
    over, at_s = until(rules(0.0), begun(ALIVE))
    assert (over.under_way, round(at_s)) == ([0, 1], round(LIMIT_S))
    over, _ = until(rules(JOB_S, most_s=2.0), begun(ALIVE))
    assert over.under_way == [0, 1]


def test_copies_of_what_was_done_are_waited_for_but_not_for_ever(until: Until) -> None:
    """As those that a visibility timeout makes again and again: at the limit, their requests are done."""
    copies = [
        entry(0, event, n * JOB_S + ends, ALIVE)
        for n in range(1, 20)
        for event, ends in ((Event.STARTED, 0.1), (Event.ENDED, JOB_S))
    ]
    replied = [entry(number, Event.REPLIED, JOB_S, ALIVE) for number in range(2)]
    over, at_s = until(rules(JOB_S), sorted([*begun(ALIVE), *ended(JOB_S, ALIVE), *replied, *copies], key=at))
    assert over.under_way == []
    assert at_s > LIMIT_S


def test_an_execution_that_takes_far_longer_than_others_hangs(until: Until) -> None:
    """It is not waited for: its request is lost, or waits, by what the broker says."""
    over, at_s = until(rules(JOB_S), begun(ALIVE))
    assert over.under_way == []
    assert at_s < LIMIT_S


def test_a_broker_is_seldom_asked_what_waits_there(until: Until) -> None:
    """Each time takes all messages and gives them back: a quorum queue drops one that came back twenty times."""
    asked = []

    async def left() -> Left:
        asked.append(1)
        return Left(frozenset({0, 1}), frozenset())

    over, at_s = until(rules(JOB_S), [entry(number, Event.ACCEPTED, 0.0, ALIVE) for number in range(2)], left)
    assert over.left.ready == {0, 1}
    assert at_s > LIMIT_S
    assert len(asked) < 10


def at(one: Entry) -> int:
    """Its moment."""
    return one.at_ns


def begun(pid: int) -> list[Entry]:
    """Two requests that were accepted and begun."""
    return [entry(number, event, 0.0, pid) for number in range(2) for event in (Event.ACCEPTED, Event.STARTED)]


def ended(after_s: float, pid: int) -> list[Entry]:
    """Both, by then."""
    return [entry(number, Event.ENDED, after_s, pid) for number in range(2)]


def entry(number: int, event: Event, after_s: float, pid: int) -> Entry:
    """Of a request."""
    return Entry(trial=1, number=number, event=event, at_ns=int((BEGIN_S + after_s) * NS), pid=pid)
