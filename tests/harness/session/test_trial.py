"""A trial: whatever becomes of its drivers and workers, it ends as a trial that says so, and leaves nothing."""

import asyncio
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
import pytest

from harness.driver.messages import Message, Recording, TrialSpec, WindowClosed, WindowOpened
from harness.errors import ServiceError
from harness.machine.usage import Reading
from harness.recording.rows import DUE, STATUS
from harness.recording.spool import COLUMNS, Status
from harness.session.driver_spec import TrialWork
from harness.session.roles import Roles
from harness.session.serving import Fault, Serving
from harness.session.trial import Ran, TrialRun
from tests.harness.session.doubles import BrokerDouble, WorkersDouble, plan_of, reading_of, recording_of
from tests.harness.session.driver_doubles import DriverDouble, Driving, SourceDouble
from workloads.workload import Services

AT_ONCE_S = 20.0
"""Long after one that waits for the others should have gone on."""


class DrivingSource:
    """Drives each trial with `fake`."""

    async def fork(self, spec: TrialSpec) -> DriverDouble:
        """A driver of its own."""
        return Driving(spec)


def trial_run(tmp_path: Path, sources: list[Any], roles: Roles | None = None, **changes: Any) -> TrialRun:
    """A trial of a second on 4 slots of 50 ms."""
    roles = roles or Roles()
    work = TrialWork(
        plan=plan_of(duration_s=1.0),
        drivers=len(sources),
        services=Services(origin_url=None),
        queue="q",
        workers=roles.worker_names(),
        trial_id=9,
        timeout_s=1.0,
        seed=1,
        sampled=False,
        spool=tmp_path / "3.spool",
    )
    run = TrialRun(
        round=2,
        order=3,
        work=work,
        sources=sources,
        roles=roles,
        on_rate=lambda per_s, latency_ms: None,
        on_window=lambda state: None,
    )
    return msgspec.structs.replace(run, **changes)


def ran(tmp_path: Path, sources: list[Any], roles: Roles | None = None, **changes: Any) -> Ran:
    """What became of it."""
    return asyncio.run(trial_run(tmp_path, sources, roles, **changes).run())


def test_a_trial_is_measured_from_what_its_driver_recorded(tmp_path: Path) -> None:
    """80 requests a second; its spool is gone."""
    done = ran(tmp_path, [DrivingSource()])
    assert (done.trial.status, done.trial.round, done.trial.order) == ("measured", 2, 3)
    assert done.trial.throughput_per_s is not None
    assert abs(done.trial.throughput_per_s - 80) < 2
    assert not done.unclean
    assert list(tmp_path.iterdir()) == []


def test_the_stamps_of_every_request_are_kept_where_asked_for(tmp_path: Path) -> None:
    """One file a driver."""
    folder = tmp_path / "stamps"
    folder.mkdir()
    ran(tmp_path, [DrivingSource(), DrivingSource()], stamps=folder / "3.npy")
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


def test_dead_workers_are_named_before_the_end_of_the_driver(tmp_path: Path) -> None:
    """The driver ended because of them."""
    workers = WorkersDouble()
    workers.dies = "the worker has ended"
    driver = DriverDouble(None, ending="the driver was killed by SIGKILL")
    done = ran(tmp_path, [SourceDouble(driver)], Roles(workers=workers))
    assert done.trial.error == "the worker has ended"


def test_a_trial_whose_workers_died_before_its_end_has_failed_with_what_is_known(tmp_path: Path) -> None:
    """Its figures stand beside the reason."""
    workers = WorkersDouble()

    class Dying(Driving):
        async def receive(self) -> Any:
            """The workers die with its last request."""
            recording = await super().receive()
            workers.dies = "the worker has ended"
            return recording

    class Source:
        async def fork(self, spec: TrialSpec) -> DriverDouble:
            """One that takes its workers with it."""
            return Dying(spec)

    done = ran(tmp_path, [Source()], Roles(workers=workers))
    assert (done.trial.status, done.trial.error, done.unclean) == ("failed", "the worker has ended", True)
    assert done.trial.ok > 0


class LosingSource:
    """Drives each trial; its first request is lost, and the broker with it, where there is one."""

    def __init__(self, broker: BrokerDouble | None = None, *, loses: bool = True) -> None:
        self._broker = broker
        self._loses = loses

    async def fork(self, spec: TrialSpec) -> DriverDouble:
        """One that does."""
        source = self

        class Losing(Driving):
            async def receive(self) -> Any:
                """Its recording; the first row of its spool is changed."""
                recording = await super().receive()
                assert isinstance(recording, Recording)
                if source._loses:
                    spool = Path(spec.spool)
                    rows = np.fromfile(spool, dtype=np.int64).reshape(-1, len(COLUMNS))
                    measured = (rows[:, DUE] >= recording.opened_ns) & (rows[:, DUE] < recording.closed_ns)
                    rows[np.flatnonzero(measured)[0], STATUS] = Status.LOST
                    rows.tofile(spool)
                if source._broker is not None:
                    source._broker.fails = ServiceError("the broker redis://nowhere could not be reached.")
                return recording

        return Losing(spec)


def test_a_trial_that_lost_a_request_with_its_broker_has_failed_of_that(tmp_path: Path) -> None:
    """Not `measured` with a loss; what lies on the broker is removed later, once it serves."""
    broker = BrokerDouble()
    roles = Roles(broker=broker, serving=Serving({"redis 0": broker}))
    done = ran(tmp_path, [LosingSource(broker)], roles)
    assert (done.trial.status, done.trial.error) == ("failed", "the broker redis://nowhere could not be reached.")
    assert done.fault == Fault("the broker redis://nowhere could not be reached.", "redis 0", is_own=True)
    assert (done.unclean, done.forget is None, broker.did) == (True, False, [])
    assert (done.trial.lost, done.trial.ok > 0) == (1, True)


def test_workers_that_were_silent_while_their_broker_was_away_are_not_the_reason(tmp_path: Path) -> None:
    """It answers again; what it says of itself tells that it was started again."""
    workers, broker = WorkersDouble(), BrokerDouble()
    read: list[str] = []

    def reading() -> Reading:
        read.append("once")
        return reading_of(memory_mb=1.0, started=str(len(read)))

    broker.reading = reading  # type: ignore[method-assign]

    class Seen(Driving):
        moments: ClassVar[list[Message]] = [WindowOpened(), WindowClosed()]

        async def receive(self) -> Message | None:
            """Both are read in its window."""
            return self.moments.pop(0) if self.moments else await super().receive()

    class Source:
        async def fork(self, spec: TrialSpec) -> DriverDouble:
            """One of these."""
            return Seen(spec)

    workers.is_silent = "workers are lost: w2@vm stopped responding"
    done = ran(tmp_path, [Source()], Roles(workers=workers, broker=broker, serving=Serving({"redis 0": broker})))
    assert (done.trial.error or "").startswith("broker ended and started again during the measured window")


def test_a_driver_that_ends_for_want_of_its_broker_is_not_the_reason(tmp_path: Path) -> None:
    """One elsewhere talks over that broker, and seems to have gone; so does one that does not take a trial."""
    broker = BrokerDouble()
    broker.fails = ServiceError("the broker redis://nowhere did not answer within 3 s.")
    roles = Roles(broker=broker, serving=Serving({"redis 0": broker}))
    gone, other = DriverDouble(None), DriverDouble(None)
    for sources in ([SourceDouble(gone), SourceDouble(other)], [SourceDouble()]):
        done = ran(tmp_path, sources, roles)
        first, second, *_ = (done.trial.error or "").splitlines()
        assert first == "the broker redis://nowhere did not answer within 3 s."
        assert second.startswith("driver ")
        assert done.fault is not None


def test_a_broker_that_goes_after_the_last_answer_costs_the_trial_nothing(tmp_path: Path) -> None:
    """The next one finds another."""
    broker = BrokerDouble()
    roles = Roles(broker=broker, serving=Serving({"redis 0": broker}))
    assert ran(tmp_path, [LosingSource(broker, loses=False)], roles).trial.status == "measured"


def test_a_request_that_is_lost_while_all_serve_is_counted(tmp_path: Path) -> None:
    """The trial is measured, with a loss."""
    done = ran(tmp_path, [LosingSource()], Roles(serving=Serving({"redis 0": BrokerDouble()})))
    assert (done.trial.status, done.trial.lost, done.unclean) == ("measured", 1, True)


def test_a_recording_that_failed_leaves_requests_under_way(tmp_path: Path) -> None:
    """They may come to the next trial's workers."""

    class Failing(Driving):
        async def receive(self) -> Any:
            """Nothing was recorded."""
            Path(self.spec.spool).write_bytes(b"")
            return recording_of(status="failed", error="no reply to the first request", issued=0)

    class Source:
        async def fork(self, spec: TrialSpec) -> DriverDouble:
            """One that fails."""
            return Failing(spec)

    done = ran(tmp_path, [Source()])
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


@pytest.mark.parametrize(
    ("of_others", "of_nobody", "waits", "seen"),
    [(0, 0, [], False), (1, 0, [], True), (0, 1, [], True), (0, 0, [2], True), (0, 0, [0, 3], True)],
)
def test_work_of_others_is_seen(tmp_path: Path, of_others: int, of_nobody: int, waits: list[int], seen: bool) -> None:
    """What workers executed of another run's or of nobody's, what waited before the trial, or after it."""
    workers, broker = WorkersDouble(), BrokerDouble()
    workers.ran_of_others, workers.ran_of_nobody = of_others, of_nobody
    broker.waits = list(waits)
    done = ran(tmp_path, [DrivingSource()], Roles(workers=workers, broker=broker))
    assert any(doubt.kind == "foreign-work" for doubt in done.trial.doubts) is seen
