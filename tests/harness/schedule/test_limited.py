"""The schedule of --max-time: what was measured until then stays, and the run says why it ended."""

import asyncio

import pytest

from harness.schedule.limited import Limited
from harness.schedule.schedule import Trials
from tests.harness.schedule.recorded import Recorded
from tests.running import in_virtual_time


class Noting(Recorded):
    """What is noted of the run."""

    def __init__(self) -> None:
        super().__init__([])
        self.changes: dict[str, object] = {}

    def note_run(self, **changes: object) -> None:
        """Keep it."""
        self.changes |= changes


class Ticking:
    """A trial of two seconds after the other."""

    def __init__(self, trials: int, error: BaseException | None = None) -> None:
        self._trials, self._error = trials, error
        self.done = 0

    async def run(self, trials: Trials) -> None:
        """All of them."""
        for _ in range(self._trials):
            await asyncio.sleep(2.0)
            self.done += 1
        if self._error is not None:
            raise self._error


async def limited(first: Ticking, limit_s: float) -> dict[str, object]:
    """What is noted of a run with that limit, half a second of which has passed before its first trial."""
    trials, now = Noting(), asyncio.get_running_loop().time
    schedule = Limited(first, limit_s, "1min", now)
    await asyncio.sleep(0.5)
    await schedule.run(trials)
    return trials.changes


def test_the_trial_under_way_is_left_out_and_the_run_says_so() -> None:
    """Two of 2 s within 6 s, of which 0.5 s had passed."""
    first = Ticking(9)
    noted = in_virtual_time(limited(first, 6.0))
    assert (first.done, noted) == (2, {"ended": "ended early by --max-time 1min", "time_up": True})


def test_a_run_that_ends_before_says_nothing() -> None:
    """As without a limit."""
    first = Ticking(2)
    assert in_virtual_time(limited(first, 6.0)) == {}
    assert first.done == 2


def test_an_error_of_the_run_itself_is_not_taken_for_its_end() -> None:
    """A TimeoutError that is somebody else's."""
    with pytest.raises(TimeoutError, match="of a service"):
        in_virtual_time(limited(Ticking(1, TimeoutError("of a service")), 6.0))
