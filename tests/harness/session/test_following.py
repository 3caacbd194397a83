"""Following the drivers of a trial: in step, to their recordings, or to the first that has gone."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from harness.driver.messages import (
    Abort,
    BetweenParts,
    LoadProgress,
    Message,
    Ready,
    Recording,
    StartLoad,
    UsageRead,
    WindowClosed,
    WindowOpened,
)
from harness.machine.clock import NS
from harness.results.model import DriverAt
from harness.session.following import SILENCE_MOST_S, Following
from tests.harness.session.doubles import recording_of
from tests.harness.session.driver_doubles import DriverDouble
from tests.running import in_virtual_time

SAYS: tuple[Message, ...] = (Ready(), WindowOpened(), WindowClosed())


class ReaderDouble:
    """Notes at which moments it was called, and what the drivers had heard by then."""

    def __init__(self, drivers: list[DriverDouble]) -> None:
        self.moments: list[str] = []
        self.heard: list[int] = []
        self._drivers = drivers

    async def _note(self, moment: str) -> None:
        self.moments.append(moment)
        self.heard.append(sum(isinstance(said, UsageRead) for driver in self._drivers for said in driver.heard))

    async def opened(self) -> None:
        """Note it."""
        await self._note("opened")

    async def memory_at(self, name: str) -> None:
        """As the others."""

    async def between(self) -> None:
        """Note it."""
        await self._note("between")

    async def closed(self) -> None:
        """Note it."""
        await self._note("closed")

    async def memory(self) -> None:
        """Note it."""
        await self._note("memory")


class Followed:
    """What came of following some drivers, in virtual time."""

    def __init__(self, *drivers: DriverDouble, timeout_s: float = 1.0, gone: str | None = None) -> None:
        """`gone`: why the trial is over, as whoever watches it has found."""
        self.reader = ReaderDouble(list(drivers))
        self.rates: list[tuple[float, float | None]] = []
        self.windows: list[tuple[str, int]] = []
        """Its states as they were reported, each with how many moments had been read by then."""
        shares = [f"closed:{number} of closed:9" for number, _ in enumerate(drivers, start=1)]
        self.seconds = 0.0
        self.gone = gone
        self.recordings = in_virtual_time(self._follow(drivers, shares, timeout_s))

    async def _follow(self, drivers: Sequence[DriverDouble], shares: list[str], timeout_s: float) -> list[Recording]:
        following = Following(
            drivers,
            self.reader,
            shares,
            timeout_s,
            on_rate=lambda per_s, latency_ms: self.rates.append((per_s, latency_ms)),
            on_window=lambda state: self.windows.append((state, len(self.reader.moments))),
        )
        following.gone = self.gone
        loop = asyncio.get_running_loop()
        begun = loop.time()
        recordings = await following.to_the_end()
        self.seconds = loop.time() - begun
        self.gone = following.gone
        return recordings


def elsewhere(name: str) -> DriverAt:
    """A machine with a driver."""
    return DriverAt(name=name, host="h", cpus=2, boot_id="b", clock_offset_ms=0.0, clock_error_ms=0.0)


def aborts(driver: DriverDouble) -> list[str]:
    """The reasons with which it was told to end."""
    return [said.reason for said in driver.heard if isinstance(said, Abort)]


def test_a_driver_is_followed_to_its_recording() -> None:
    """Through the moments of its trial; each is answered once the roles have been read."""
    driver = DriverDouble(*SAYS, recording_of(issued=7))
    followed = Followed(driver)
    assert [recording.issued for recording in followed.recordings] == [7]
    assert followed.gone is None
    assert followed.reader.moments == ["opened", "closed", "memory"]
    assert followed.reader.heard == [0, 1, 2]
    assert followed.windows == [("opened", 0), ("closed", 1)]
    assert driver.heard[1:] == [UsageRead(after="opened"), UsageRead(after="closed")]


def test_nobody_is_read_once_the_trial_is_over() -> None:
    """The driver passes its moments in a hurry; a service that is silent would be waited for at each."""
    followed = Followed(DriverDouble(*SAYS, recording_of()), gone="the broker did not answer")
    assert followed.reader.moments == []
    assert followed.windows == []
    assert followed.gone == "the broker did not answer"


def test_a_reading_of_a_service_that_is_silent_ends_with_the_trial() -> None:
    """It is not waited for, once the reason is known."""

    class Hanging(ReaderDouble):
        async def closed(self) -> None:
            """A service says nothing."""
            await asyncio.Event().wait()

    async def main() -> float:
        driver = DriverDouble(*SAYS, recording_of())
        reader = Hanging([driver])
        following = Following([driver], reader, ["closed:1"], 1.0, lambda *_: None, lambda _: None)
        loop = asyncio.get_running_loop()
        loop.call_later(3.0, following.give_up, "the broker did not answer")
        assert len(await following.to_the_end()) == 1
        assert following.gone == "the broker did not answer"
        assert reader.moments == ["opened"]
        assert asyncio.all_tasks() == {asyncio.current_task()}  # nothing fails later, while the loop is closed
        return loop.time()

    assert abs(in_virtual_time(main()) - 3.0) < 1e-6


def test_a_load_of_two_parts_is_read_between_them() -> None:
    """And goes on after that."""
    driver = DriverDouble(WindowOpened(), BetweenParts(), WindowClosed(), recording_of())
    followed = Followed(driver)
    assert followed.reader.moments == ["opened", "between", "closed", "memory"]
    assert UsageRead(after="between") in driver.heard


def test_several_drivers_start_at_one_moment_once_the_last_is_ready() -> None:
    """Which lies as far ahead as the slowest of them needs."""
    first, last = DriverDouble(Ready(), 3.0, recording_of()), DriverDouble(2.0, Ready(), 5.0, recording_of())
    last.lead_s = 0.5
    before_ns = time.monotonic_ns()
    followed = Followed(first, last, timeout_s=30)
    starts = [said for driver in (first, last) for said in driver.heard if isinstance(said, StartLoad)]
    assert len(starts) == 2
    assert starts[0] == starts[1]
    assert starts[0].at_ns - before_ns >= 0.5 * NS
    assert len(followed.recordings) == 2


def test_no_driver_starts_while_another_is_not_ready() -> None:
    """It would measure alone."""
    first, last = DriverDouble(Ready(), recording_of()), DriverDouble(recording_of())
    Followed(first, last)
    assert first.heard == last.heard == []


def starts(driver: DriverDouble, what: str) -> list[StartLoad]:
    """What it was asked to begin."""
    return [said for said in driver.heard if isinstance(said, StartLoad) and said.what == what]


def test_windows_open_at_one_moment_once_the_last_driver_is_at_rest() -> None:
    """Else short ones would have no moment in common."""
    first = DriverDouble(Ready(), Ready("window"), 3.0, recording_of())
    last = DriverDouble(Ready(), 2.0, Ready("window"), 1.0, recording_of())
    Followed(first, last)
    assert starts(first, "window") == starts(last, "window")
    assert len(starts(first, "window")) == len(starts(first, "load")) == 1


@pytest.mark.parametrize("ends_s", [0.5, 2.0])
def test_a_window_waits_for_no_driver_that_has_ended(ends_s: float) -> None:
    """Before this one was at rest, or after."""
    first = DriverDouble(Ready(), 1.0, Ready("window"), 3.0, recording_of())
    last = DriverDouble(Ready(), ends_s, recording_of())
    Followed(first, last)
    assert len(starts(first, "window")) == 1


def test_roles_are_read_once_for_all_drivers_when_the_last_has_got_there() -> None:
    """Not for each of them."""
    drivers = [DriverDouble(*SAYS, recording_of()), DriverDouble(4.0, *SAYS, recording_of())]
    followed = Followed(*drivers)
    assert followed.reader.moments == ["opened", "closed", "memory"]
    assert all(driver.heard.count(UsageRead(after="opened")) == 1 for driver in drivers)


def test_the_rate_is_that_of_all_drivers_together() -> None:
    """Each one's last; a driver without a second behind it counts as nothing."""
    first = DriverDouble(LoadProgress(50, 1.0, 4.0), 2.0, recording_of())
    second = DriverDouble(LoadProgress(0, 0.0), 1.0, LoadProgress(60, 2.0, 5.0), recording_of())
    assert Followed(first, second).rates == [(50.0, 4.0), (50.0, None), (80.0, 5.0)]


def test_a_single_driver_that_ends_without_a_recording_leaves_the_reason_to_its_process() -> None:
    """How that ended is known elsewhere."""
    driver = DriverDouble(Ready(), None)
    followed = Followed(driver)
    assert followed.recordings == []
    assert followed.gone is None
    assert aborts(driver) == []


def test_a_driver_that_sends_nothing_is_given_up_at_its_limit() -> None:
    """Which is that of a request, where that is longer than usual."""
    followed = Followed(DriverDouble(Ready()), timeout_s=1.0)
    assert followed.gone == f"the driver sent nothing for {SILENCE_MOST_S:g} s and was stopped"
    assert followed.seconds == SILENCE_MOST_S
    assert Followed(DriverDouble(), timeout_s=60.0).seconds == 60.0


def test_where_one_of_several_has_gone_the_others_end_too() -> None:
    """What they measure is a part of the load; the first that went is named with its share."""
    first, last = DriverDouble(1.0, None), DriverDouble(2.0, recording_of())
    followed = Followed(first, last)
    assert followed.gone == "driver 1 of 2 (closed:1 of closed:9) has gone"
    assert aborts(last) == [followed.gone]
    assert len(followed.recordings) == 1


def test_only_the_first_that_has_gone_is_named() -> None:
    """The others ended because of it."""
    followed = Followed(DriverDouble(2.0, None), DriverDouble(1.0, None))
    assert followed.gone is not None
    assert followed.gone.startswith("driver 2 of 2")


def test_a_driver_elsewhere_is_named_by_its_machine_even_alone() -> None:
    """Nothing here knows how its process ended."""
    followed = Followed(DriverDouble(None, at=elsewhere("driver@b")))
    assert followed.gone == "driver 1 of 1 (driver@b, closed:1 of closed:9) has gone"
