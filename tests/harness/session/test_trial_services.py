"""A trial whose workers or broker do not serve it to its end says so; and what others did there is seen."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from harness.driver.messages import Message, Recording, TrialSpec, WindowClosed, WindowOpened
from harness.errors import ServiceError
from harness.machine.usage import Reading
from harness.recording.rows import DUE, STATUS
from harness.recording.spool import COLUMNS, Status
from harness.session.roles import Roles
from harness.session.serving import Fault, Serving
from tests.harness.session.doubles import BrokerDouble, WorkersDouble, reading_of
from tests.harness.session.driver_doubles import DriverDouble, Driving, SourceDouble
from tests.harness.session.trial_doubles import Source, ran


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

    done = ran(tmp_path, [Source(Dying)], Roles(workers=workers))
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

    workers.is_silent = "workers are lost: w2@vm stopped responding"
    done = ran(tmp_path, [Source(Seen)], Roles(workers=workers, broker=broker, serving=Serving({"redis 0": broker})))
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


@pytest.mark.parametrize(
    ("of_others", "of_nobody", "waits", "seen"),
    [(0, 0, [], False), (1, 0, [], True), (0, 1, [], True), (0, 0, [2], True), (0, 0, [0, 3], True)],
)
def test_work_of_others_is_seen(tmp_path: Path, of_others: int, of_nobody: int, waits: list[int], seen: bool) -> None:
    """What workers executed of another run's or of nobody's, what waited before the trial, or after it."""
    workers, broker = WorkersDouble(), BrokerDouble()
    workers.ran_of_others, workers.ran_of_nobody = of_others, of_nobody
    broker.waits = list(waits)
    done = ran(tmp_path, [Source()], Roles(workers=workers, broker=broker))
    assert any(doubt.kind == "foreign-work" for doubt in done.trial.doubts) is seen


@pytest.mark.parametrize(
    ("source", "ended", "seen"),
    [(Source(), 0, False), (Source(), 1, True), (LosingSource(), 1, False), (LosingSource(), 2, True)],
)
def test_a_pool_process_that_was_lost_unseen_is_doubted(tmp_path: Path, source: Any, ended: int, seen: bool) -> None:
    """All was answered, but not with the slots of the row. A request that is lost with its process says more."""
    workers = WorkersDouble()
    workers.ends = [7, ended]
    done = ran(tmp_path, [source], Roles(workers=workers, broker=BrokerDouble()))
    assert any(doubt.kind == "process-lost" for doubt in done.trial.doubts) is seen
