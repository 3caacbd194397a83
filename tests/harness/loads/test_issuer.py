"""The issuer: every request ends as exactly one thing, whatever the side does."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contenders.contender import Outcome, Request
from harness.contenders.fake import Fake
from harness.loads.shared.issuer import KINDS_KEPT, OWN_ERROR_TEXT, SWEEP_S, Issuer
from harness.machine.clock import NS, VirtualClock, VirtualLoop
from harness.recording.rows import DONE, DUE, STATUS, Rows
from harness.recording.spool import Recorder, Status
from tests.running import Driven, endings, in_virtual_time, read_rows
from workloads.catalogue.sleep import Sleep, SleepParams
from workloads.workload import Payload, Services

HERE = "boot id of this machine"
DEADLINE_S = 2.0
Submit = Callable[[Request], Awaitable[Outcome]]
FATES = ("ok", "wrong", "error", "raise", "hang")
ENDS_AS = {
    "ok": Status.OK,
    "wrong": Status.WRONG,
    "error": Status.FAILED,
    "raise": Status.FAILED,
    "hang": Status.LOST,
}


class Issued(msgspec.Struct):
    """What became of the requests."""

    issuer: Issuer
    rows: Rows


def submitting(fates: list[str]) -> Submit:
    """A side that treats request n as `fates[n]` says, after 10 ms."""

    async def submit(request: Request) -> Outcome:
        await asyncio.sleep(0.01)
        fate = fates[request.id]
        if fate == "raise":
            raise ConnectionResetError("the other end is gone")
        if fate == "error":
            return Outcome(error="ValueError: no", boot_id=HERE)
        if fate == "hang":
            await asyncio.Event().wait()
        return Outcome(reply=0.05 if fate == "ok" else "nonsense", boot_id=HERE)

    return submit


def issue_all(submit: Submit, requests: int, *, steer: Callable[[Issuer], None] | None = None) -> Issued:
    """Issue `requests` at once, in virtual time, and wait until all have ended."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder) / "spool"

        async def main() -> Issuer:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            recorder, clock = Recorder(spool), VirtualClock(loop)
            workload = Sleep(SleepParams(), Services(), 1)
            issuer = Issuer(submit, workload, clock, recorder, DEADLINE_S, HERE)
            sweeper = asyncio.create_task(issuer.sweep())
            if steer is not None:
                loop.call_later(0.5, steer, issuer)
            await asyncio.gather(*(issuer.issue(clock.now()) for _ in range(requests)))
            sweeper.cancel()
            recorder.close()
            return issuer

        return Issued(in_virtual_time(main()), read_rows(spool))


@settings(max_examples=40)
@given(st.lists(st.sampled_from(FATES), min_size=1, max_size=60))
def test_every_request_ends_as_exactly_one_thing(fates: list[str]) -> None:
    """Whatever the replies: ok, wrong, failed and lost add up to what was issued."""
    issued = issue_all(submitting(fates), len(fates))
    expected = [ENDS_AS[fate] for fate in fates]
    assert endings(issued.rows) == {status: expected.count(status) for status in set(expected)}
    assert issued.issuer.issued == len(fates) == len(issued.rows)
    assert issued.issuer.under_way == 0


def test_a_request_without_an_answer_is_lost_at_its_deadline() -> None:
    """Not before it, and at most one sweep after it."""
    rows = issue_all(submitting(["hang", "ok", "hang"]), 3).rows
    lost = rows[rows[:, STATUS] == Status.LOST]
    waited_s = (lost[:, DONE] - lost[:, DUE]) / NS
    assert len(lost) == 2
    assert all(DEADLINE_S <= waited <= DEADLINE_S + 2 * SWEEP_S for waited in waited_s.tolist())


def test_a_request_that_is_answered_in_time_is_not_lost() -> None:
    """An answer just within the deadline counts as what it is."""

    async def slow(request: Request) -> Outcome:
        await asyncio.sleep(DEADLINE_S - 0.01)
        return Outcome(reply=0.05, boot_id=HERE)

    assert endings(issue_all(slow, 3).rows) == {Status.OK: 3}


def test_the_first_wrong_reply_is_kept() -> None:
    """With its request's number and what was expected."""
    issuer = issue_all(submitting(["ok", "wrong", "wrong"]), 3).issuer
    assert issuer.first_wrong == "request 1: expected 0.05, got 'nonsense'"


def test_errors_are_counted_by_kind_with_the_first_as_example() -> None:
    """What the side raised and what the work raised are both failures."""
    issuer = issue_all(submitting(["error", "raise", "error"]), 3).issuer
    assert issuer.failures == {
        "ValueError": (2, "ValueError: no"),
        "ConnectionResetError": (1, "ConnectionResetError: the other end is gone"),
    }


def test_what_is_kept_of_errors_is_bounded() -> None:
    """However many kinds there are, and however long their texts; the counts still add up."""

    async def fail(request: Request) -> Outcome:
        return Outcome(error=f"Kind{request.id}: " + "x" * 10_000, boot_id=HERE)

    failures = issue_all(fail, 200).issuer.failures
    assert len(failures) == KINDS_KEPT + 1
    assert sum(count for count, _ in failures.values()) == 200
    assert failures["other"][0] == 200 - KINDS_KEPT
    assert all(len(example) <= OWN_ERROR_TEXT for _, example in failures.values())


def test_abandoning_counts_all_under_way_as_lost() -> None:
    """At once, not at their deadlines; and no more requests are taken."""
    issued = issue_all(submitting(["hang"] * 3), 3, steer=Issuer.abandon)
    assert endings(issued.rows) == {Status.LOST: 3}
    assert issued.rows[:, DONE].tolist() == [NS // 2] * 3
    assert not issued.issuer.accepting


def test_it_stops_by_itself_after_a_number_of_requests() -> None:
    """Exactly that many are taken."""

    async def main(spool: Path) -> tuple[int, bool]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        recorder = Recorder(spool)
        workload = Sleep(SleepParams(), Services(), 1)
        issuer = Issuer(submitting(["ok"] * 9), workload, VirtualClock(loop), recorder, DEADLINE_S, HERE)
        await issuer.issue(0)
        issuer.accept_only(3)
        while issuer.accepting:
            await issuer.issue(0)
        await issuer.stopped()
        recorder.close()
        return issuer.issued, issuer.accepting

    with tempfile.TemporaryDirectory() as folder:
        assert in_virtual_time(main(Path(folder) / "spool")) == (4, False)


@pytest.mark.parametrize(("boot_id", "foreign"), [(HERE, False), ("", False), ("another machine", True)])
def test_stamps_of_another_boot_are_noticed(boot_id: str, foreign: bool) -> None:
    """Another boot id means another clock; without stamps there is nothing to compare."""

    async def submit(request: Request) -> Outcome:
        return Outcome(reply=0.05, boot_id=boot_id)

    assert issue_all(submit, 1).issuer.foreign_clock is foreign


def test_a_cancellation_that_is_not_the_sweepers_goes_through() -> None:
    """Ctrl-C ends the request's task; it is not swallowed as a loss."""

    async def main(spool: Path) -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        recorder = Recorder(spool)
        workload = Sleep(SleepParams(), Services(), 1)
        issuer = Issuer(submitting(["hang"]), workload, VirtualClock(loop), recorder, DEADLINE_S, HERE)
        task = asyncio.create_task(issuer.issue(0))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        recorder.close()
        return recorder.rows

    with tempfile.TemporaryDirectory() as folder:
        assert in_virtual_time(main(Path(folder) / "spool")) == 0


def test_what_a_workload_measures_of_its_own_is_added_up(driven: Callable[..., Driven]) -> None:
    """Over right replies; the others have nothing to measure."""

    def serve(number: int, payload: Payload) -> Any:
        return {"status": "ok" if number % 2 else "gave up", "attempts": 1 if number % 2 else payload["attempts"]}

    measures = driven(workload="flaky_http", load="burst:10", warmup_s=0.0, contender=Fake(serve)).recording.measures
    count, attempts = measures["attempts"]
    assert count == 10
    assert attempts / count == 2.5
    assert measures["gave_up_percent"][1] / count == 50.0
    assert driven().recording.measures == {}


@pytest.mark.parametrize("load", ["burst:10", "closed:8"])
def test_what_a_workload_measures_is_that_of_the_window(driven: Callable[..., Driven], load: str) -> None:
    """Replies of the warm-up, which are of a start, are in none of its figures."""
    before = 0

    def serve(number: int, payload: Payload) -> Any:
        nonlocal before
        before = max(before, number)
        return {"status": "ok", "attempts": 4 if number < 20 else 1}

    contender = Fake(serve)
    done = driven(workload="flaky_http", load=load, warmup_s=2.0, contender=contender).recording
    count, attempts = done.measures["attempts"]
    assert before > 30
    assert (attempts / count, count < before) == (1.0, True)
