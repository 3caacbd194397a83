"""The other roles of a trial: their readings, what they executed, what is deleted of them."""

import asyncio
import threading
import time

import pytest

from harness.accounting.usage import RoleReadings
from harness.errors import ServiceError
from harness.machine.usage import Reading
from harness.recording.executed import Executed
from harness.recording.request_numbers import FIRST, first_number
from harness.services.calls import give_up
from harness.services.causes import Peer
from harness.session.roles import NOT_OURS, RoleReader, Roles
from harness.session.serving import Fault, Serving
from harness.session.tampering import Tampering
from tests.harness.session.doubles import BrokerDouble, WorkersDouble, reading_of


class CalledDouble:
    """An origin."""

    peer = Peer("the origin http://nowhere", "the service")
    is_own = True

    def __init__(self, *, is_ours: bool = True) -> None:
        self.is_ours = is_ours

    def answer(self) -> None:
        """It does."""

    def reading(self, memory: bool) -> Reading | None:
        """As of an idle one."""
        return reading_of(count=3)

    def gone(self) -> str | None:
        """It runs."""
        return None

    def stopped(self) -> str | None:
        """It runs."""
        return None


def readings_of(roles: Roles, *, between: bool = False) -> RoleReadings:
    """All moments of a trial, one after the other."""

    async def main() -> RoleReadings:
        reader = RoleReader(roles)
        await reader.opened()
        if between:
            await reader.between()
        await reader.closed()
        await reader.memory()
        return reader.readings()

    return asyncio.run(main())


def test_each_role_is_read_when_the_window_opens_and_when_it_has_closed() -> None:
    """Memory is read apart, after all counters: it takes longer."""
    workers = WorkersDouble()
    readings = readings_of(Roles(workers=workers, broker=BrokerDouble(), called=CalledDouble()))
    assert set(readings.pairs) == {"workers", "broker", "origin"}
    first, last = readings.pairs["workers"]
    assert last.cpu_s > first.cpu_s
    assert workers.did == ["workers read", "workers read", "workers read with memory"]
    assert (last.cpu_s, last.memory_mb) == (2.0, 50.0)
    assert readings.missing == {}
    assert readings.machine is not None
    assert readings.frozen_s is not None


def test_a_trial_that_is_broken_off_leaves_nothing_that_watches() -> None:
    """Its window was opened and never closed."""

    async def main() -> set[str]:
        reader = RoleReader(Roles())
        await reader.opened()
        reader.end()
        await asyncio.sleep(0)
        return {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}  # type: ignore[union-attr]

    assert asyncio.run(main()) == set()


def test_between_two_parts_of_a_load_each_role_is_read_once_more() -> None:
    """For what the second part used alone."""
    readings = readings_of(Roles(workers=WorkersDouble()), between=True)
    first, last = readings.pairs["workers"]
    assert first.cpu_s < readings.between["workers"].cpu_s < last.cpu_s


def test_a_role_that_cannot_be_read_is_missing_with_the_reason_and_the_others_are_not() -> None:
    """Never 0."""
    broker = BrokerDouble()
    broker.fails = ServiceError("no answer")
    readings = readings_of(Roles(workers=WorkersDouble(), broker=broker))
    assert readings.missing == {"broker": "no answer"}
    assert set(readings.pairs) == {"workers"}


def test_a_reading_that_is_given_up_leaves_no_role_that_is_still_asked() -> None:
    """What one of them ends with, while the loop is closed, would be an error that nobody has asked for."""
    asked = asyncio.Event()

    class Workers(WorkersDouble):
        async def reading(self, *, memory: bool = False) -> Reading:
            """Nothing."""
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody sets it")

    answers = threading.Event()

    class Broker(BrokerDouble):
        def reading(self) -> Reading:
            """Nothing, and an error in the end."""
            answers.wait()
            raise ServiceError("the broker could not be reached")

    async def main() -> set[str]:
        reader = RoleReader(Roles(workers=Workers(), broker=Broker()))
        reading = asyncio.ensure_future(reader.closed())
        await asked.wait()
        await give_up([reading])
        return {task.get_name() for task in asyncio.all_tasks()} - {asyncio.current_task().get_name()}  # type: ignore[union-attr]

    try:
        assert asyncio.run(main()) == set()
    finally:
        answers.set()


def test_a_service_of_somebody_else_is_not_asked() -> None:
    """It is missing, and why."""
    readings = readings_of(Roles(called=CalledDouble(is_ours=False)))
    assert readings.missing == {"origin": NOT_OURS}
    assert readings.pairs == {}


def test_a_trial_that_never_opened_its_window_has_no_pair() -> None:
    """A single reading is no usage."""

    async def main() -> RoleReadings:
        reader = RoleReader(Roles(workers=WorkersDouble()))
        await reader.closed()
        await reader.memory()
        return reader.readings()

    readings = asyncio.run(main())
    assert (readings.pairs, readings.machine) == ({}, None)


def executed(roles: Roles, issued: list[int]) -> list[int] | None:
    """What the workers say."""
    executed = asyncio.run(roles.executed(1, issued))
    return None if executed is None else executed.numbers.tolist()


def test_the_verified_request_of_each_driver_counts_as_one() -> None:
    """Their numbers are one row, in order."""
    workers = WorkersDouble()
    workers.ran = [FIRST, first_number(1), 1, 0, FIRST]
    assert executed(Roles(workers=workers), [2, 1]) == [FIRST, 0, 1, 2]


def test_a_verified_request_that_was_executed_twice_is_not_hidden() -> None:
    """One driver has one."""
    workers = WorkersDouble()
    workers.ran = [FIRST, FIRST, 0]
    assert executed(Roles(workers=workers), [1]) == [FIRST, FIRST, 0]


def test_what_was_executed_is_not_known_of_dead_workers_or_of_none() -> None:
    """None, rather than nothing."""
    workers = WorkersDouble()
    workers.dies = "it has ended"
    assert executed(Roles(workers=workers), [1]) is None
    assert executed(Roles(), [1]) is None


def test_workers_that_do_not_say_what_they_executed_are_no_error() -> None:
    """A broker may have gone."""

    class Silent(WorkersDouble):
        async def executed(self, trial: int) -> Executed:
            """No answer."""
            raise ServiceError("no answer")

    assert executed(Roles(workers=Silent()), [1]) is None


def test_results_are_deleted_after_each_trial_and_its_queue_after_an_unclean_one() -> None:
    """Tasks of it may wait there."""
    broker = BrokerDouble()
    asyncio.run(Roles(broker=broker).forget(3, "q", unclean=False))
    assert broker.did == ["results of 3 forgotten"]
    asyncio.run(Roles(broker=broker).forget(4, "q", unclean=True))
    assert broker.did[1:] == ["results of 4 forgotten", "queue q removed"]


def test_a_broker_that_has_gone_holds_up_no_end_of_a_trial() -> None:
    """The next trial reports it."""

    class Gone(BrokerDouble):
        def forget_results(self, trial: int, unclean: bool) -> None:
            """Nobody there."""
            raise ServiceError("gone")

    asyncio.run(Roles(broker=Gone()).forget(3, "q", unclean=True))


def test_the_first_that_others_depend_on_is_named_when_several_have_gone() -> None:
    """Workers end because their broker has."""
    broker, workers = BrokerDouble(), WorkersDouble()
    roles = Roles(serving=Serving({"redis 0": broker}), workers=workers)
    assert roles.gone() is None
    workers.dies = "the worker has ended"
    assert roles.gone() == Fault("the worker has ended")
    broker.ended = "the run's own Redis has ended"
    assert roles.gone() == Fault("the run's own Redis has ended", "redis 0", is_own=True)


def test_what_a_signal_has_stopped_is_named_workers_too() -> None:
    """The one first that others depend on."""
    broker, workers = BrokerDouble(), WorkersDouble()
    roles = Roles(serving=Serving({"redis 0": broker}), workers=workers)
    assert roles.stopped() is None
    workers.is_stopped = "process 7 of the threads worker was stopped"
    assert roles.stopped() == Fault("process 7 of the threads worker was stopped")
    broker.is_stopped = "process 8 of the run's own Redis was stopped"
    assert roles.stopped() == Fault("process 8 of the run's own Redis was stopped", "redis 0", is_own=True)


def test_workers_elsewhere_that_do_not_answer_are_named_after_what_they_depend_on() -> None:
    """Their processes cannot be seen; all are asked at once."""
    broker, workers = BrokerDouble(), WorkersDouble()
    roles = Roles(serving=Serving({"redis 0": broker}), workers=workers)
    assert asyncio.run(roles.silent()) is None
    workers.is_silent = "workers stopped responding: a@b"
    assert asyncio.run(roles.silent()) == Fault("workers stopped responding: a@b")
    broker.fails = ServiceError("the broker did not answer.")
    assert asyncio.run(roles.silent()) == Fault("the broker did not answer.", "redis 0", is_own=True)


def test_wall_clocks_that_differ_are_seen() -> None:
    """By what lies outside the time in which a role was asked; several workers are as one role."""
    now_s = time.time()

    class Ahead(WorkersDouble):
        async def reading(self, *, memory: bool) -> Reading:
            """Of two machines, one of which is 10 s ahead."""
            return reading_of(walls_s=[now_s, now_s + 10.0])

    assert readings_of(Roles(workers=WorkersDouble())).wall_apart_s == 0
    assert 8 < readings_of(Roles(workers=Ahead())).wall_apart_s <= 10


def test_a_silent_broker_is_the_reason_also_where_its_workers_count_as_lost() -> None:
    """They were asked over it; where it answers, they are."""
    workers, broker = WorkersDouble(), BrokerDouble(own=False)
    workers.dies = "workers are lost: w1 stopped responding"
    roles = Roles(workers=workers, broker=broker, serving=Serving({"redis 0": broker}))
    assert asyncio.run(roles.fault()) == Fault(workers.dies)
    broker.fails = ServiceError("the broker redis://nowhere could not be reached")
    assert asyncio.run(roles.fault()) == Fault(str(broker.fails), "redis 0", is_own=False)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("workers are lost: w1 stopped responding", "the queue is gone"),
        ("workers are lost: w1 ended its lease, because this run was not heard for 12 s", "workers are lost"),
        ("workers are lost: w1 was leased by run x", "workers are lost"),
        (None, "the queue is gone"),
    ],
)
def test_a_queue_that_has_gone_is_named_unless_workers_that_gave_up_the_run_removed_it(
    said: str | None, named: str
) -> None:
    """Workers from which somebody takes a queue may connect again, and be silent meanwhile."""

    class Taken(Tampering):
        async def keys_gone(self) -> Fault | None:
            """It is."""
            return Fault("the queue is gone")

    workers = WorkersDouble()
    workers.is_silent = said
    fault = asyncio.run(Roles(workers=workers, tampering=Taken(None, "q")).silent())
    assert fault is not None
    assert fault.reason.startswith(named)
