"""Whole trials with the `fake` contender, in this process and in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.contender import Driven as Side
from harness.contenders.fake import Fake, echo
from harness.driver.messages import Abort, UsageRead
from harness.machine.clock import NS
from harness.recording.rows import DUE
from tests.builders import SilentLink, spec_of
from tests.running import Driven, drive, due_of
from workloads.workload import Payload, Workload

Drive = Callable[..., Driven]


def faulty(number: int, payload: Payload) -> Any:
    """Three wrong replies and five failures, well inside the measured window."""
    if 200 <= number < 203:
        return "nonsense"
    if 210 <= number < 215:
        raise ConnectionError("injected")
    return echo(number, payload)


class Losing(Fake):
    """Never answers requests 200 to 206."""

    @asynccontextmanager
    async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
        """The fake's side, with the loss before it."""
        async with super().open(assignment, workload) as side:
            yield LosingSide(side)


class LosingSide:
    """Never answers requests 200 to 206."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def submit(self, request: Request) -> Outcome:
        """Wait for ever, or as the fake does."""
        if 200 <= request.id < 207:
            await asyncio.Event().wait()
        return await self._side.submit(request)


@pytest.mark.parametrize("load", ["closed:8", "open:60/s", "open:60/s:uniform"])
@pytest.mark.parametrize("workload", ["noop", "sleep", "http_date"])
def test_a_trial_is_the_same_at_every_run(tmp_path: Path, workload: str, load: str) -> None:
    """Same seed, same stamps, to the nanosecond."""
    first, second = (
        drive(spec_of(tmp_path / str(run), workload=workload, load=load), SilentLink()) for run in range(2)
    )
    assert first.recording.status == "measured"
    assert first.fold.counts.submitted == first.fold.counts.ok > 0
    assert (first.rows == second.rows).all()
    assert first.fold.encoded() == second.fold.encoded()


def test_a_closed_load_that_fills_the_slots_reaches_the_ceiling(driven: Drive) -> None:
    """Eight clients on four slots of 50 ms: 4 ÷ 0.05 s, no more and no less."""
    assert driven(load="closed:8").fold.throughput_per_s == pytest.approx(80, rel=1e-3)


def test_fewer_clients_than_slots_do_not_move_in_waves(driven: Drive) -> None:
    """Three clients of 50 ms do 60 a second, in both halves of the window alike."""
    fold = driven(load="closed:3", duration_s=0.77).fold
    assert fold.throughput_per_s == pytest.approx(60, rel=1e-3)
    assert fold.drift == pytest.approx(1.0, rel=1e-3)


def test_clients_are_spread_over_the_first_replys_time_where_none_is_ideal(driven: Drive) -> None:
    """Evenly: four clients begin a quarter of that time apart."""
    run = driven(load="closed:4", params={"seconds": 0.05, "draw": "exponential"}, warmup_s=0.0)
    begins = sorted(due_of(run.rows))[:4]
    gaps = [after - before for before, after in pairwise(begins)]
    assert min(gaps) == pytest.approx(max(gaps), abs=2)
    assert min(gaps) > 0


def test_closed_latency_is_littles_law(driven: Drive) -> None:
    """Twice as many clients as slots wait half of their time."""
    stages = driven(load="closed:8").fold.stages()
    assert stages is not None
    assert stages.execution is not None
    assert stages.execution.mean == pytest.approx(50, rel=1e-3)
    assert stages.queue_wait is not None
    assert stages.queue_wait.mean == pytest.approx(50, rel=0.02)


def test_boot_and_warm_up_are_not_measured(driven: Drive) -> None:
    """The window opens after the warm-up, and what was due before it is in the spool but not in the figures."""
    run = driven(warmup_s=1.0, duration_s=2.0)
    opened, closed = run.recording.opened_ns, run.recording.closed_ns
    due = due_of(run.rows)
    assert closed - opened == pytest.approx(2.0 * NS, abs=10)
    assert min(due) < opened
    assert run.fold.counts.submitted == sum(opened <= one < closed for one in due) < len(due)


def test_the_session_hears_when_the_window_opens_and_closes(driven: Drive) -> None:
    """In that order, once each: between them it reads the other roles' usage."""
    assert driven().link.heard_kinds() == ["WindowOpened", "WindowClosed"]


def test_injected_faults_come_out_exactly(driven: Drive) -> None:
    """Three wrong and five failed among them: no more, no fewer, and all add up."""
    run = driven(contender=Fake(faulty), duration_s=4.0)
    counts = run.fold.counts
    assert (counts.wrong, counts.failed, counts.lost) == (3, 5, 0)
    assert counts.ok + counts.wrong + counts.failed == counts.submitted
    assert run.recording.failures == {"ConnectionError": (5, "ConnectionError: injected")}
    assert run.recording.issued == run.recording.recorded == len(run.rows)


def test_a_wrong_reply_disqualifies(driven: Drive) -> None:
    """The recording says so, with the first wrong reply; what was measured is still there."""
    recording = driven(contender=Fake(faulty), duration_s=4.0).recording
    assert recording.status == "disqualified"
    assert recording.error == "a reply was wrong: request 200: expected 0.05, got 'nonsense'"


def test_failures_alone_do_not_disqualify(driven: Drive) -> None:
    """They are counted; the good replies are measured."""

    def failing(number: int, payload: Payload) -> Any:
        if number % 10 == 0:
            raise OSError("injected")
        return echo(number, payload)

    run = driven(contender=Fake(failing))
    assert run.recording.status == "measured"
    assert run.fold.counts.failed == pytest.approx(run.fold.counts.submitted / 10, abs=1)


def test_a_wrong_first_reply_ends_the_trial_before_anything_is_timed(driven: Drive) -> None:
    """Nothing is issued, no window opens."""
    run = driven(contender=Fake(lambda number, payload: "nonsense"))
    assert run.recording.status == "disqualified"
    assert run.recording.error == "the first reply was wrong: expected 0.05, got 'nonsense'"
    assert (run.recording.issued, len(run.rows), run.link.heard_kinds()) == (0, 0, [])


def test_a_first_request_that_fails_ends_the_trial(driven: Drive) -> None:
    """With what it raised."""

    def fail(number: int, payload: Payload) -> Any:
        raise OSError("no route")

    recording = driven(contender=Fake(fail)).recording
    assert (recording.status, recording.error) == ("failed", "the first request failed: OSError: no route")


def test_a_first_request_without_an_answer_ends_the_trial(driven: Drive) -> None:
    """After its time limit, with that limit."""
    waited_s = []

    class Silent(Losing):
        @asynccontextmanager
        async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
            class Never:
                async def submit(self, request: Request) -> Outcome:
                    start_s = asyncio.get_running_loop().time()
                    try:
                        await asyncio.Event().wait()
                    finally:
                        waited_s.append(asyncio.get_running_loop().time() - start_s)
                    raise AssertionError

            yield Never()

    recording = driven(contender=Silent(), timeout_s=3.0).recording
    assert waited_s == [pytest.approx(3.05)]
    assert (recording.status, recording.error) == ("failed", "no answer to the first request within 3.05 s")


def test_requests_without_an_answer_are_lost_and_the_trial_goes_on(driven: Drive) -> None:
    """Seven of them: all are counted, and the clients that waited for them go on."""
    run = driven(contender=Losing(), timeout_s=0.5, duration_s=8.0)
    counts = run.fold.counts
    assert (counts.lost, counts.wrong, counts.failed) == (7, 0, 0)
    assert counts.ok + counts.lost == counts.submitted
    due, closed = run.rows[:, DUE], run.recording.closed_ns
    late = run.rows[(due > closed - NS // 2) & (due < closed)]
    assert len(late) == pytest.approx(80 / 2, abs=1)
    assert run.recording.status == "measured"


def test_an_abort_ends_the_trial_with_what_is_known(driven: Drive) -> None:
    """The session's reason is the trial's error; what was under way is lost."""

    class Later(SilentLink):
        async def receive(self) -> Any:
            message = await super().receive() if not self._says else None
            if message is None:
                await asyncio.sleep(1.5)
                return self._says.pop()
            return message

    run = driven(link=Later(Abort("the workers have died")), duration_s=3600.0)
    assert (run.recording.status, run.recording.error) == ("failed", "the workers have died")
    assert run.recording.issued == run.recording.recorded > 0


def test_an_abort_ends_the_wait_for_the_first_reply(driven: Drive) -> None:
    """Its reason counts, rather than that nobody has answered."""

    class MuteSide:
        async def submit(self, request: Request) -> Outcome:
            """No answer comes."""
            await asyncio.Event().wait()
            raise AssertionError

    class Mute(Fake):
        @asynccontextmanager
        async def open(self, assignment: Assignment, workload: Workload[Any]) -> AsyncIterator[Any]:
            """A side that never answers."""
            yield MuteSide()

    run = driven(contender=Mute(), link=SilentLink(Abort("the worker was stopped")))
    assert (run.recording.status, run.recording.error) == ("failed", "the worker was stopped")


def test_the_load_goes_on_until_the_other_roles_have_been_read(driven: Drive) -> None:
    """Their second reading must see the load, not the silence after it; what is due then is not measured."""
    short, long = driven(sampled=True, link=SilentLink(UsageRead(after="closed"))), driven(sampled=True)
    assert short.recording.closed_ns == long.recording.closed_ns
    assert max(due_of(long.rows)) - long.recording.closed_ns > NS
    assert short.fold.counts == long.fold.counts


def test_a_number_of_requests_instead_of_a_time(driven: Drive) -> None:
    """Exactly that many are issued after the warm-up."""
    run = driven(requests=100, duration_s=None, warmup_s=0.0)
    assert run.recording.issued == len(run.rows) == 100


def test_what_was_used_in_virtual_time_means_nothing(driven: Drive) -> None:
    """The driver's CPU is left out, rather than divided by a time that did not pass."""
    assert driven().recording.driver is None


def test_a_slow_reply_delays_nobodys_due_time(driven: Drive, tmp_path: Path) -> None:
    """One seed, two sides, one a hundred times as slow: the due times are the same."""
    quick, slow = (
        drive(
            spec_of(
                tmp_path / str(seconds),
                load="open:100/s",
                slots=2,
                warmup_s=0.0,
                params={"seconds": seconds},
            ),
            SilentLink(),
        )
        for seconds in (0.001, 0.1)
    )
    quickly, slowly = sorted(due_of(quick.rows)), sorted(due_of(slow.rows))
    assert [due - quickly[0] for due in quickly] == [due - slowly[0] for due in slowly]


def test_a_driver_that_stalls_pays_for_it_in_latency(driven: Drive) -> None:
    """Coordinated omission: what was due in a stall of 300 ms is late by it, and is neither left out nor forgiven."""

    def stalling(number: int, payload: Payload) -> Any:
        if number == 150:  # 50 have filled the slots, and 50 came in the warm-up
            asyncio.get_running_loop()._virtual.now_ns += 300_000_000  # type: ignore[attr-defined]
        return echo(number, payload)

    run = driven(contender=Fake(stalling), load="open:100/s:uniform", slots=50, warmup_s=0.5, duration_s=2.0)
    corrected, uncorrected = run.fold.latency("latency"), run.fold.latency("uncorrected")
    stages = run.fold.stages()
    assert corrected is not None
    assert uncorrected is not None
    assert stages is not None
    assert run.fold.counts.submitted == pytest.approx(200, abs=1)
    assert corrected.mean - uncorrected.mean == pytest.approx(stages.driver_lag.mean)
    assert stages.driver_lag.mean == pytest.approx(30 * 150 / 200, rel=0.1)
