"""What a trial depends on is watched: it ends soon after nothing more can come of it, with the true reason."""

import asyncio

from harness.driver.messages import Abort, LoadProgress, Message
from harness.session.following import Following
from harness.session.watching import FROZEN_S, LAST_WORDS_S, STILL_S, WATCH_S, watch
from tests.harness.session.doubles import DriverDouble
from tests.running import in_virtual_time


class ReaderDouble:
    """Reads nothing."""

    async def opened(self) -> None:
        """Nothing."""

    async def between(self) -> None:
        """Nothing."""

    async def closed(self) -> None:
        """Nothing."""

    async def memory(self) -> None:
        """Nothing."""


class DependentsDouble:
    """One of them goes, or falls silent, at a moment; seconds from the start."""

    def __init__(self, *, gone_s: float = 1e9, silent_s: float = 1e9) -> None:
        self.asked = 0
        self._gone_s = gone_s
        self._silent_s = silent_s

    def gone(self) -> str | None:
        """From its moment."""
        return "the worker has ended" if asyncio.get_running_loop().time() >= self._gone_s else None

    async def silent(self) -> str | None:
        """From its moment."""
        self.asked += 1
        return "the broker did not answer" if asyncio.get_running_loop().time() >= self._silent_s else None


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
            await asyncio.wait_for(watch(dependents, following, drivers, most_s), for_s)
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


def test_a_service_that_falls_silent_is_named_soon_after_nothing_moves() -> None:
    """Within the time of stillness, a question and last words."""
    driver = DriverDouble(*moving(10))
    seconds = watched(DependentsDouble(silent_s=9.5), driver)
    assert aborts(driver) == ["the broker did not answer"]
    assert seconds is not None
    assert 9 + STILL_S <= seconds <= 9 + STILL_S + 2 * WATCH_S + LAST_WORDS_S


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
    seconds = watched(DependentsDouble(silent_s=0), driver)
    assert aborts(driver) == ["the driver was stopped by a signal (SIGSTOP)"]
    assert seconds is not None
    assert FROZEN_S <= seconds - LAST_WORDS_S <= FROZEN_S + 2 * WATCH_S
