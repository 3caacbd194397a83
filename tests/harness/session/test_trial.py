"""A trial: whatever becomes of its drivers and workers, it ends as a trial that says so, and leaves nothing."""

import asyncio
from pathlib import Path
from typing import Any

from harness.driver.messages import TrialSpec, WindowClosed, WindowOpened
from harness.session.roles import Roles
from harness.session.trial import Ran
from tests.harness.session.doubles import BrokerDouble, recording_of
from tests.harness.session.driver_doubles import DriverDouble, Driving, SourceDouble
from tests.harness.session.trial_doubles import Source, ran, trial_run

AT_ONCE_S = 20.0
"""Long after one that waits for the others should have gone on."""


def test_a_trial_is_measured_from_what_its_driver_recorded(tmp_path: Path) -> None:
    """80 requests a second; its spool is gone."""
    done = ran(tmp_path, [Source()])
    assert (done.trial.status, done.trial.round, done.trial.order) == ("measured", 2, 3)
    assert done.trial.throughput_per_s is not None
    assert abs(done.trial.throughput_per_s - 80) < 2
    assert not done.unclean
    assert list(tmp_path.iterdir()) == []


def test_the_stamps_of_every_request_are_kept_where_asked_for(tmp_path: Path) -> None:
    """One file a driver."""
    folder = tmp_path / "stamps"
    folder.mkdir()
    ran(tmp_path, [Source(), Source()], stamps=folder / "3.npy")
    assert sorted(path.name for path in folder.iterdir()) == ["3-2.npy", "3.npy"]


def test_a_driver_that_cannot_be_forked_fails_the_trial_and_the_others_are_ended(tmp_path: Path) -> None:
    """The next trial may find it again."""
    first = DriverDouble()
    done = ran(tmp_path, [SourceDouble(first), SourceDouble()])
    assert (done.trial.status, done.trial.error) == ("failed", "driver x did not accept a trial within 6 s")
    assert first.killed
    assert not done.unclean


def test_a_driver_without_a_recording_fails_the_trial_with_how_it_ended(tmp_path: Path) -> None:
    """Its requests may still be under way: the queue goes with it."""
    broker = BrokerDouble()
    driver = DriverDouble(None, ending="the driver was killed by SIGKILL")
    done = ran(tmp_path, [SourceDouble(driver)], Roles(broker=broker))
    assert done.trial.error == "the driver was killed by SIGKILL"
    assert done.unclean
    assert broker.did == ["results of 9 forgotten", "queue q removed"]


def test_a_driver_that_ended_in_order_without_a_recording_is_named_for_that(tmp_path: Path) -> None:
    """There is always a reason."""
    assert ran(tmp_path, [SourceDouble(DriverDouble(None))]).trial.error == "the driver ended without a report"


def test_a_recording_that_failed_leaves_requests_under_way(tmp_path: Path) -> None:
    """They may come to the next trial's workers."""

    class Failing(Driving):
        async def receive(self) -> Any:
            """Nothing was recorded."""
            Path(self.spec.spool).write_bytes(b"")
            return recording_of(status="failed", error="no reply to the first request", issued=0)

    done = ran(tmp_path, [Source(Failing)])
    assert (done.trial.status, done.trial.error, done.unclean) == ("failed", "no reply to the first request", True)


def test_drivers_are_ended_where_a_trial_is_interrupted(tmp_path: Path) -> None:
    """Ctrl-C in its midst."""
    driver = DriverDouble(WindowOpened(), WindowClosed())

    async def main() -> None:
        running = asyncio.ensure_future(trial_run(tmp_path, [SourceDouble(driver)]).run())
        while len(driver.heard) < 2:
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()

    asyncio.run(main())
    assert driver.killed


class TogetherDriver(DriverDouble):
    """Has measured nothing, and ends once all drivers of its trial are to end."""

    def __init__(self, all_end: asyncio.Barrier) -> None:
        super().__init__(None)
        self._all_end = all_end

    async def ended(self) -> str | None:
        """With the others."""
        async with asyncio.timeout(AT_ONCE_S):
            await self._all_end.wait()
        return None


class TogetherSource:
    """Forks its driver once all drivers of the trial are to be forked."""

    def __init__(self, all_begin: asyncio.Barrier, all_end: asyncio.Barrier) -> None:
        self._all_begin, self._all_end = all_begin, all_end

    async def fork(self, spec: TrialSpec) -> DriverDouble:
        """With the others."""
        async with asyncio.timeout(AT_ONCE_S):
            await self._all_begin.wait()
        return TogetherDriver(self._all_end)


def test_drivers_begin_and_end_at_once(tmp_path: Path) -> None:
    """One after the other, a trial with 16 of them would take four times as long as one with 2."""

    async def main() -> Ran:
        all_begin, all_end = asyncio.Barrier(4), asyncio.Barrier(4)
        return await trial_run(tmp_path, [TogetherSource(all_begin, all_end) for _ in range(4)]).run()

    assert asyncio.run(main()).trial.error == "driver 1 of 4 (closed:2 of closed:8) has gone"


def test_of_several_drivers_the_one_that_went_is_told_with_how_its_process_ended(tmp_path: Path) -> None:
    """Not with how the others did, which were ended because of it."""
    other = DriverDouble(1.0, recording_of(), ending="the driver was killed by SIGKILL")
    first = DriverDouble(None, ending="the fork server of the driver has ended")
    done = ran(tmp_path, [SourceDouble(other), SourceDouble(first)])
    assert done.trial.error == "driver 2 of 2 (closed:4 of closed:8) has gone: the fork server of the driver has ended"
