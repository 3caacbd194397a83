"""Whole trials in virtual time: what goes wrong is counted, to the request."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from harness.contenders.fake import Fake
from harness.protocol import Abort
from harness.recorder import COLUMNS, Status
from tests.builders import SilentLink
from tests.running import Driven, endings
from workloads.workload import Payload

Drive = Callable[..., Driven]
DUE, START, PUBLISHED, EXEC_START, EXEC_END, DONE, STATUS = range(len(COLUMNS))


def faulty(wrong: set[int], failing: set[int], hanging: set[int] = frozenset()) -> Any:  # type: ignore[assignment]
    """A server that answers these requests so."""

    def serve(number: int, payload: Payload) -> Any:
        if number in failing:
            raise ConnectionError("planted")
        return "planted" if number in wrong else payload.get("seconds")

    return serve


def test_every_request_ends_as_exactly_one_thing(driven: Drive) -> None:
    """3 wrong and 5 failed among 1,000 come out as exactly that."""
    contender = Fake(faulty({10, 500, 900}, {1, 2, 3, 700, 701}))
    ran = driven(contender=contender, requests=1000, duration_s=None, warmup_s=0.0)
    assert ran.recording.issued == ran.recording.recorded == 1000
    assert endings(ran.rows) == {Status.OK: 992, Status.WRONG: 3, Status.FAILED: 5}
    assert ran.recording.failures == {"ConnectionError": (5, "ConnectionError: planted")}
    assert ran.recording.status == "disqualified"
    assert "'planted'" in (ran.recording.error or "")
    counts = ran.fold.counts
    assert counts.ok + counts.wrong + counts.failed + counts.lost == counts.submitted == 1000


class Silent(Fake):
    """Never answers some requests."""

    def __init__(self, numbers: set[int]) -> None:
        super().__init__()
        self._numbers = numbers

    def open(self, assignment: Any, workload: Any) -> Any:
        """As fake, but deaf to those requests."""
        outer = super().open(assignment, workload)
        numbers = self._numbers

        class Opened:
            async def __aenter__(self) -> Any:
                side = await outer.__aenter__()
                inner = side.submit

                async def submit(request: Any) -> Any:
                    if request.id in numbers:
                        await asyncio.Event().wait()
                    return await inner(request)

                side.submit = submit  # type: ignore[method-assign]
                return side

            async def __aexit__(self, *error: Any) -> None:
                await outer.__aexit__(*error)

        return Opened()


def test_a_request_without_an_answer_is_lost_at_its_deadline(driven: Drive) -> None:
    """No sooner, and its client goes on."""
    ran = driven(contender=Silent({3, 50}), requests=200, duration_s=None, warmup_s=0.0, timeout_s=5.0)
    assert endings(ran.rows) == {Status.OK: 198, Status.LOST: 2}
    lost = ran.rows[ran.rows[:, STATUS] == Status.LOST]
    waited_s = (lost[:, DONE] - lost[:, DUE]) / 1e9
    assert (waited_s >= 5.0).all()
    assert (waited_s < 5.5).all()


def test_a_wrong_first_reply_disqualifies_before_anything_is_timed(driven: Drive) -> None:
    """Nothing is issued after it."""
    ran = driven(contender=Fake(faulty({-1}, set())))
    assert ran.recording.status == "disqualified"
    assert "first reply was wrong" in (ran.recording.error or "")
    assert ran.recording.issued == 0


def test_a_first_request_that_fails_fails_the_trial(driven: Drive) -> None:
    """With its error."""
    ran = driven(contender=Fake(faulty(set(), {-1})))
    assert ran.recording.status == "failed"
    assert "ConnectionError: planted" in (ran.recording.error or "")


def test_virtual_time_gives_the_same_stamps_at_every_run(driven: Drive) -> None:
    """To the nanosecond."""
    first, second = (driven(load="open:200/s", duration_s=2.0).rows for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(("slots", "clients"), [(1, 4), (8, 8), (8, 32)])
def test_closed_throughput_is_the_ceiling(driven: Drive, slots: int, clients: int) -> None:
    """Slots ÷ service time, neither more nor less, though requests straddle the window's edges."""
    ran = driven(slots=slots, load=f"closed:{clients}", warmup_s=2.0, duration_s=1.03)
    assert ran.fold.throughput_per_s == pytest.approx(slots / 0.05, rel=1e-6)


def test_an_open_load_drops_nothing_and_is_late_for_nobody(driven: Drive) -> None:
    """A server that is too slow delays replies, never due times: latency runs from those."""
    ran = driven(slots=1, load="open:40/s:uniform", warmup_s=0.5, duration_s=5.0, timeout_s=60.0)
    due = ran.rows[:, DUE]
    assert sorted(due.tolist()) == [25_000_000 * n + min(due) for n in range(len(due))]
    assert ran.fold.counts.submitted == 200
    assert ran.fold.counts.ok == 200
    latency = ran.fold.latency("latency")
    assert latency is not None
    assert latency.max > 4000


def test_an_abort_ends_the_trial_with_what_is_known(driven: Drive) -> None:
    """What was under way counts as lost; the reason is the trial's error."""
    ran = driven(link=SilentLink(Abort("the worker died")), slots=1, duration_s=5.0)
    assert ran.recording.status == "failed"
    assert ran.recording.error == "the worker died"
    assert ran.recording.issued == ran.recording.recorded


def test_debug_mode_is_off() -> None:
    """It would cost more than what is measured."""
    with asyncio.Runner() as runner:
        assert not runner.get_loop().get_debug()
