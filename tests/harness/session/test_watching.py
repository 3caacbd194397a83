"""What a trial depends on is watched: it ends soon after nothing more can come of it, with the true reason."""

import asyncio

from harness.driver.messages import Abort, LoadProgress, Message
from harness.session.following import Following
from harness.session.serving import SILENT_S, Fault
from harness.session.watching import LAST_WORDS_S, LOOK_S, STILL_S, STOPPED_S, WATCH_S, Watch
from tests.harness.session.driver_doubles import DriverDouble
from tests.running import in_virtual_time


class ReaderDouble:
    """Reads nothing."""

    async def opened(self) -> None:
        """Nothing."""

    async def memory_at(self, name: str) -> None:
        """As the others."""

    async def between(self) -> None:
        """Nothing."""

    async def closed(self) -> None:
        """Nothing."""

    async def memory(self) -> None:
        """Nothing."""


class DependentsDouble:
    """One of them goes, or falls silent, at a moment; seconds from the start."""

    def __init__(
        self, *, gone_s: float = 1e9, silent_s: float = 1e9, stopped_s: float = 1e9, continued_s: float = 1e9
    ) -> None:
        self.asked = 0
        self._gone_s = gone_s
        self._silent_s = silent_s
        self._stopped_s, self._continued_s = stopped_s, continued_s

    def gone(self) -> Fault | None:
        """From its moment."""
        return Fault("the worker has ended") if asyncio.get_running_loop().time() >= self._gone_s else None

    def stopped(self) -> Fault | None:
        """Between its moments."""
        stopped = self._stopped_s <= asyncio.get_running_loop().time() < self._continued_s
        return Fault("process 7 of Redis was stopped", "redis 0", is_own=True) if stopped else None

    async def silent(self) -> Fault | None:
        """From its moment; it takes as long as it may."""
        self.asked += 1
        if asyncio.get_running_loop().time() < self._silent_s:
            return None
        await asyncio.sleep(SILENT_S)
        return Fault("the broker did not answer", "redis 0")

    async def fault(self) -> Fault | None:
        """What is silent, before what has gone."""
        return await self.silent() or self.gone()


def watched(
    dependents: DependentsDouble, *drivers: DriverDouble, for_s: float = 60.0, most_s: float | None = None
) -> float | None:
    """After how many seconds the drivers were killed; None if not within `for_s`."""

    async def main() -> float | None:
        loop = asyncio.get_running_loop()
        following = Following(
            drivers, ReaderDouble(), ["closed:1"] * len(drivers), 100.0, lambda *_: None, lambda _: None
        )
        listening = asyncio.ensure_future(following.to_the_end())
        begun = loop.time()
        try:
            await asyncio.wait_for(Watch(dependents, following, drivers, most_s).run(), for_s)
        except TimeoutError:
            return None
        finally:
            listening.cancel()
        return loop.time() - begun

    return in_virtual_time(main())


def aborts(driver: DriverDouble) -> list[str]:
    """The reasons with which it was told to end."""
    return [said.reason for said in driver.heard if isinstance(said, Abort)]


def moving(seconds: float, each_s: float = 1.0) -> list[Message | float]:
    """What a driver says of which a request ends so often."""
    says: list[Message | float] = []
    for number in range(int(seconds / each_s)):
        says += [LoadProgress(number + 1, number * each_s), each_s]
    return says


def test_drivers_of_dead_workers_get_to_say_what_is_known_and_are_then_ended() -> None:
    """Nobody will answer their requests any more."""
    drivers = [DriverDouble(), DriverDouble()]
    seconds = watched(DependentsDouble(gone_s=3 * WATCH_S - 1e-6), *drivers)
    assert [aborts(driver) for driver in drivers] == [["the worker has ended"]] * 2
    assert all(driver.killed for driver in drivers)
    assert seconds is not None
    assert abs(seconds - (3 * WATCH_S + LAST_WORDS_S)) < 1e-6


def test_workers_that_have_gone_for_want_of_their_broker_are_not_the_reason() -> None:
    """Elsewhere, they are known by what they answer over it."""
    driver = DriverDouble()
    watched(DependentsDouble(gone_s=WATCH_S, silent_s=WATCH_S), driver)
    assert aborts(driver) == ["the broker did not answer"]


def test_a_service_that_falls_silent_is_named_soon_after_nothing_moves() -> None:
    """Within the time of stillness, a question and last words."""
    driver = DriverDouble(*moving(10))
    seconds = watched(DependentsDouble(silent_s=9.5), driver)
    assert aborts(driver) == ["the broker did not answer"]
    assert seconds is not None
    asked_s = 9 + STILL_S + SILENT_S
    assert asked_s <= seconds <= asked_s + 2 * WATCH_S + LAST_WORDS_S


def test_long_requests_are_no_silence() -> None:
    """Services are asked now and then, and answer."""
    dependents = DependentsDouble()
    assert watched(dependents, DriverDouble(*moving(60, each_s=20))) is None
    assert 60 / (STILL_S + WATCH_S) - 4 <= dependents.asked <= 60 / STILL_S


def test_a_trial_that_takes_longer_than_it_may_is_ended() -> None:
    """Although its requests end; it says why."""
    driver = DriverDouble(*moving(50))
    seconds = watched(DependentsDouble(), driver, most_s=14.0)
    assert seconds is not None
    assert 14 + LAST_WORDS_S <= seconds <= 14 + WATCH_S + LAST_WORDS_S + 1e-6
    assert aborts(driver) == ["it had not come to its end after 14 s, as a load that is too high does not"]


def test_nobody_is_asked_while_requests_end() -> None:
    """It would cost the services what is being measured."""
    dependents = DependentsDouble(silent_s=0)
    assert watched(dependents, DriverDouble(*moving(50)), for_s=40) is None
    assert dependents.asked == 0


def test_a_stopped_driver_has_some_seconds_to_be_continued() -> None:
    """Then it is named, rather than the services that wait for it."""
    driver = DriverDouble()
    driver.is_stopped = True
    dependents = DependentsDouble(silent_s=0)
    seconds = watched(dependents, driver)
    assert aborts(driver) == ["the driver was stopped by a signal (SIGSTOP)"]
    assert seconds is not None
    assert STOPPED_S <= seconds - LAST_WORDS_S <= STOPPED_S + 2 * WATCH_S
    assert dependents.asked == 0


def test_a_service_that_a_signal_has_stopped_is_named_although_requests_end() -> None:
    """One of two processes of a pool may be stopped, and the other one go on."""
    driver = DriverDouble(*moving(50))
    seconds = watched(DependentsDouble(stopped_s=10.1), driver)
    assert aborts(driver) == ["process 7 of Redis was stopped"]
    assert seconds is not None
    assert STOPPED_S <= seconds - LAST_WORDS_S - 10.1 <= STOPPED_S + LOOK_S + 2 * WATCH_S


def test_what_is_stopped_for_two_seconds_goes_on() -> None:
    """The trial is measured, with a doubt."""
    dependents = DependentsDouble(stopped_s=3, continued_s=5)
    assert watched(dependents, DriverDouble(*moving(3), 2.5, *moving(40)), for_s=30) is None


def test_from_a_fault_to_the_end_of_its_trial_it_takes_less_than_ten_seconds() -> None:
    """The longest way: a request that ended just before the fault is reported a second later."""
    assert 1.0 + STILL_S + WATCH_S + SILENT_S + LAST_WORDS_S < 9
    assert LOOK_S + STOPPED_S + WATCH_S + LAST_WORDS_S < 9
