"""The services of a run: started together, stopped for sure; what cannot be had skips the cells that need it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ServiceError
from harness.plan.plan import CellPlan
from harness.services.brokers.broker import broker_url
from harness.services.postgres import postgres_url
from harness.session.drivers import RunDrivers
from harness.session.options import Options
from harness.session.services import Parts, RunServices
from harness.session.serving import Fault
from harness.session.setup import RunSetup
from harness.session.workers import RunWorkers
from tests.harness.session.doubles import Reported, WorkersDouble, options_of, plan_of, setup_of
from tests.harness.session.run_doubles import BrokersDouble, CalledDouble, CeleryDouble, CellsDouble

GRACE_S = 6.0


class NoDrivers(RunDrivers):
    """Without fork servers."""

    def make(self, env: dict[str, str]) -> list[Any]:
        """None."""
        return []


class Assembled:
    """The services of some cells, all doubles."""

    def __init__(self, *plans: CellPlan, without: tuple[str, ...] = (), **options: Any) -> None:
        self.did: list[str] = []
        self.contender = CeleryDouble(self.did)
        self.cells = CellsDouble(plans, celery=self.contender)
        self.options: Options = options_of(**options)
        self.brokers = BrokersDouble(self.did, without=without)
        self.called = CalledDouble(self.did, self.options)
        self.progress = Reported()
        workers = RunWorkers("run", self.brokers, {}, Path)
        parts = Parts("run", self.brokers, self.called, workers, NoDrivers(self.cells, Path))
        self.services = RunServices(self.setup(), parts)

    def setup(self) -> RunSetup:
        """What these services are of."""
        return setup_of(self.cells, self.options, self.progress)

    def run(self) -> None:
        """Start and stop them, whatever happens."""

        async def main() -> None:
            try:
                await self.services.start(Path())
                self.did.append("trials")
            finally:
                await self.services.stop(GRACE_S)

        asyncio.run(main())


def celery_plan(identity: str = "a", **changes: Any) -> CellPlan:
    """A cell of the contender with workers."""
    return plan_of(identity, **({"contender": "celery", "broker": "redis"} | changes))


def test_brokers_start_first_and_end_last() -> None:
    """Workers give messages back to them; everything else starts together."""
    assembled = Assembled(celery_plan(workload="http_date"))
    assembled.run()
    assert assembled.did[0] == "brokers opened: redis"
    assert sorted(assembled.did[1:3]) == ["origin opened", "workers start"]
    assert assembled.did[3:] == ["trials", f"workers stopped within {GRACE_S:g} s", "broker closed"]
    assert assembled.progress.steps == ["starting the broker", "starting celery:4"]


def test_a_given_broker_is_not_said_to_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run connects to it."""
    assembled = Assembled(celery_plan())
    monkeypatch.setattr(assembled.brokers, "_urls", {"redis": []})
    assembled.run()
    assert assembled.progress.steps[0] == "connecting to the broker"


def test_only_what_cells_need_is_started() -> None:
    """Neither a broker nor an origin for what needs none."""
    assembled = Assembled(plan_of(workload="http_date"))
    assembled.run()
    assert assembled.did == ["trials"]
    assert assembled.progress.steps[0] == "starting the drivers"


def test_pools_elsewhere_are_leased_in_turn_in_the_order_of_every_run() -> None:
    """Two runs that want the same pools do not each have one, and wait for the other."""
    for external, expected in ((True, ["2 begins", "2 ends", "4 begins", "4 ends"]), (False, ["4 begins", "2 begins"])):
        assembled = Assembled(celery_plan(), celery_plan("b", slots=2), external=external)
        said: list[str] = []

        class Waiting(WorkersDouble):
            """Waits for a moment."""

            async def start(self) -> None:
                said.append(f"{self.slots} begins")  # noqa: B023 - called within this round
                await asyncio.sleep(0)
                said.append(f"{self.slots} ends")  # noqa: B023

        def workers(slots: int | None, place: Any) -> WorkersDouble:
            return Waiting(place, slots)

        assembled.contender.workers = workers  # type: ignore[method-assign]
        assembled.run()
        assert said[: len(expected)] == expected


def with_pools_that_do_not_start(*slots: int) -> Assembled:
    """A run of two pools, of 4 and of 2 slots; those of so many slots do not start."""
    assembled = Assembled(celery_plan(), celery_plan("b", slots=2))

    class Broken(CeleryDouble):
        def workers(self, slots_asked: int | None, place: Any) -> Any:
            """Some do not start."""
            made = super().workers(slots_asked, place)
            made.fails_to_start = ServiceError("the worker did not start") if slots_asked in slots else None
            return made

    assembled.cells = CellsDouble(assembled.cells.plans.values(), celery=Broken(assembled.did))
    workers = RunWorkers("run", assembled.brokers, {}, Path)
    parts = Parts("run", assembled.brokers, assembled.called, workers, NoDrivers(assembled.cells, Path))
    assembled.services = RunServices(assembled.setup(), parts)
    return assembled


def test_what_has_started_is_stopped_where_nothing_can_be_measured() -> None:
    """No trial is run."""
    assembled = with_pools_that_do_not_start(2, 4)
    with pytest.raises(ExceptionGroup, match="unhandled errors") as raised:
        assembled.run()
    assert raised.group_contains(ServiceError, match="did not start")
    assert "trials" not in assembled.did
    assert [done for done in assembled.did if "stopped" in done] == [f"workers stopped within {GRACE_S:g} s"] * 2
    assert assembled.did[-1] == "broker closed"


def test_a_service_that_has_ended_is_named_rather_than_what_did_not_start_without_it() -> None:
    """The workers' own last words are of a connection that was refused."""
    assembled = with_pools_that_do_not_start(2, 4)
    assembled.brokers.broker.ended = "the run's own Redis has ended (killed by SIGKILL)"
    with pytest.raises(ServiceError, match="the run's own Redis has ended"):
        assembled.run()
    assert assembled.did[-1] == "broker closed"


def test_a_pool_that_does_not_start_costs_only_its_own_cells() -> None:
    """It is reported, and the others are measured."""
    assembled = with_pools_that_do_not_start(2)
    assembled.run()
    assert "trials" in assembled.did
    (said,) = [step for step in assembled.progress.steps if "cannot be measured" in step]
    assert said.endswith("cannot be measured: the worker did not start")


def test_an_interrupt_while_services_stop_does_not_leave_them_running() -> None:
    """Ctrl-C a second time."""
    assembled = Assembled(celery_plan())
    stopping = asyncio.Event()

    async def slow(grace_s: float) -> None:
        stopping.set()
        await asyncio.sleep(0)
        assembled.did.append("stopped for sure")

    async def main() -> None:
        await assembled.services.start(Path())
        assembled.contender.made[0].stop = slow  # type: ignore[method-assign]
        ending = asyncio.ensure_future(assembled.services.stop(GRACE_S))
        await stopping.wait()
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending

    asyncio.run(main())
    assert assembled.did[-2:] == ["stopped for sure", "broker closed"]


def test_cells_whose_broker_cannot_be_had_are_skipped_with_the_reason() -> None:
    """The others are measured."""
    rabbit, redis = celery_plan("a", broker="rabbitmq"), celery_plan("b")
    assembled = Assembled(rabbit, redis, without=("rabbitmq",))
    assembled.run()
    assert assembled.did[0] == "brokers opened: redis"
    assert assembled.cells.status(rabbit) == "skipped"
    assert assembled.cells.reason(rabbit) == "no rabbitmq was given"
    assert assembled.cells.status(redis) == "pending"


def test_cells_that_need_a_postgres_that_there_is_not_are_skipped() -> None:
    """It is looked for only where a cell needs one, before workers start."""
    needing = celery_plan("a", workload="sql_query")
    assembled = Assembled(needing, celery_plan("b"))
    assembled.run()
    assert assembled.did.index("postgres opened for a") < assembled.did.index("workers start")
    assert assembled.cells.reason(needing) == "no PostgreSQL available"
    assert assembled.cells.status(assembled.cells.plans["b"]) == "pending"


def test_a_postgres_of_the_runs_own_that_does_not_start_costs_only_the_cells_that_need_it() -> None:
    """Unless nothing but the floor is left, or it was given: then that is what was asked for."""
    needing, floor = celery_plan("a", workload="sql_query"), celery_plan("f", views=["floor"])

    def assembled(*plans: CellPlan, **options: Any) -> Assembled:
        made = Assembled(*plans, **options)
        made.called.fails = ServiceError("initdb failed")
        return made

    mixed = assembled(needing, celery_plan("b"))
    mixed.run()
    assert mixed.cells.reason(needing) == "initdb failed"
    assert mixed.cells.status(mixed.cells.plans["b"]) == "pending"
    given = assembled(needing, celery_plan("b"), postgres_url=postgres_url("postgresql://y"))
    for nothing in (assembled(needing), assembled(needing, floor), given):
        with pytest.raises(ServiceError, match="initdb failed"):
            nothing.run()


def test_external_workers_are_given_no_postgres_that_they_cannot_reach() -> None:
    """One of the run's own is on its loopback."""
    options = options_of(external=True, brokers={"redis": broker_url("redis://x")})
    assert "--postgres URL" in (CalledDouble([], options).without_postgres() or "")
    given = options_of(
        external=True, brokers={"redis": broker_url("redis://x")}, postgres_url=postgres_url("postgresql://y")
    )
    assert CalledDouble([], given).without_postgres() is None
    assert CalledDouble([], options_of()).without_postgres() is None


def test_a_broker_that_has_gone_is_the_fault_of_its_trials_alone() -> None:
    """It is named; so is one that runs and does not answer."""
    plan, other = celery_plan(), plan_of("fake", workload="sleep")
    assembled = Assembled(plan)
    services, broker = assembled.services, assembled.brokers.broker
    asyncio.run(assembled.brokers.open(["redis"], "", Path()))
    assert asyncio.run(services.fault(plan)) is None
    broker.fails = ServiceError("the broker does not answer.")
    assert asyncio.run(services.fault(plan)) == Fault("the broker does not answer.", "redis 0", is_own=True)
    assert asyncio.run(services.fault(other)) is None


def test_dead_workers_are_started_again_before_a_trial_and_named_where_they_stay_dead() -> None:
    """The trial fails with that."""
    plan = celery_plan()
    assembled = Assembled(plan)
    assembled.run()
    assert asyncio.run(assembled.services.ensure(plan)) is None
    assert assembled.did[-1] == "workers ensured"
    assembled.contender.made[0].dies = "the worker has ended"
    assert asyncio.run(assembled.services.ensure(plan)) == Fault("the worker has ended")


def test_workers_of_cells_that_were_added_are_started_and_no_others() -> None:
    """The rest runs already."""
    assembled = Assembled(celery_plan())

    async def main() -> None:
        await assembled.services.start(Path())
        assembled.cells.add([celery_plan("b", slots=2), celery_plan("c")])
        await assembled.services.start_new()

    asyncio.run(main())
    assert assembled.did.count("workers start") == 2
