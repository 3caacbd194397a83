"""The worker processes of a run: shared by cells, with queues of their own, and slots that may be found."""

import asyncio
from pathlib import Path
from typing import Any

from harness.plan.plan import CellPlan
from harness.services.brokers.broker import broker_url
from harness.services.brokers.rabbitmq import RabbitBroker
from harness.services.terms import Terms
from harness.session.cells import worker_key
from harness.session.workers import RunWorkers, place_in_turn
from tests.harness.session.doubles import plan_of
from tests.harness.session.run_doubles import BrokersDouble, CeleryDouble, CellsDouble

TERMS = Terms(run="run:1", holder="run:1 (h)")


class Made:
    """Workers of some cells, on a broker that runs."""

    def __init__(
        self, *plans: CellPlan, external: bool = False, own: bool = True, slots: int | None = 4, opened: bool = True
    ) -> None:
        self.did: list[str] = []
        self.contender = CeleryDouble(self.did, slots)
        self.cells = CellsDouble(plans, celery=self.contender)
        self.brokers = BrokersDouble(self.did, own=own)
        if opened:
            asyncio.run(self.brokers.open(["redis"], "", Path()))
        env = {"DATABASE_URL": "postgresql://x"}
        terms = TERMS if external else None
        self.workers = RunWorkers("run:1", self.brokers, env, lambda name: Path(f"logs/{name}.log"), terms)
        self.workers.make(self.cells)


def celery_plan(identity: str, **changes: Any) -> CellPlan:
    """A cell of the contender with workers."""
    return plan_of(identity, **({"contender": "celery", "broker": "redis"} | changes))


def test_cells_of_the_same_workers_share_them() -> None:
    """Another number of slots has its own; a cell whose driver executes has none."""
    first, same, other, none = (
        celery_plan("a"),
        celery_plan("b", load="closed:1"),
        celery_plan("c", slots=2),
        plan_of("d"),
    )
    made = Made(first, same, other, none)
    assert len(made.contender.made) == 2
    assert made.workers.of(first) is made.workers.of(same)
    assert made.workers.of(first) is not made.workers.of(other)
    assert made.workers.of(none) is None
    assert made.workers.queue_of(none) == ""


def test_workers_of_several_brokers_share_the_slots() -> None:
    """Each has a queue of that name on its own broker, and a log of its own."""
    plan = celery_plan("a", slots=5)
    made = Made(plan, opened=False)
    made.brokers.number = 2
    asyncio.run(made.brokers.open(["redis"], "", Path()))
    made.workers.make(made.cells)
    assert made.contender.asked == [3, 2]
    places = [workers.place for workers in made.contender.made]
    assert [place and (place.queue, place.log.name) for place in places] == [
        ("celery-5", "celery-5.log"),
        ("celery-5", "celery-5-2.log"),
    ]
    assert [place and place.shard.partition(" (")[0] for place in places] == ["shard 1", "shard 2"]
    workers = made.workers.of(plan)
    assert workers is not None
    assert len(workers.described()[0]) == 2


def test_shards_are_leased_in_one_order_however_they_are_given() -> None:
    """Also where they are called alike: of two runs that began at once, each would have one and wait for the other."""
    said = {"version": "4", "cluster_name": "rabbit@same"}
    urls = [broker_url("amqp://a//"), broker_url("amqp://b//")]
    one, other = (RabbitBroker(url, "", said, None, shared=True) for url in urls)
    assert sorted([one, other], key=place_in_turn) == sorted([other, one], key=place_in_turn)


def test_workers_that_there_are_already_are_not_made_again() -> None:
    """A view that is added finds them."""
    made = Made(celery_plan("a"))
    made.cells.add([celery_plan("b"), celery_plan("c", slots=2)])
    assert len(made.workers.make(made.cells)) == 1


def test_cells_that_are_finished_get_no_workers() -> None:
    """Those that a cell shares with one that goes on are started all the same."""
    first, same, other = celery_plan("a"), celery_plan("b", load="closed:1"), celery_plan("c", slots=2)
    made = Made(first, same, other, opened=False)
    asyncio.run(made.brokers.open(["redis"], "", Path()))
    made.cells.finish(["a", "c"])
    assert list(made.workers.make(made.cells)) == [worker_key(same)]


def test_there_are_no_workers_without_a_broker_or_for_work_that_cannot_be_done() -> None:
    """They would never be asked."""
    assert Made(celery_plan("a"), opened=False).contender.made == []
    made = Made(plan_of("a"))
    new = celery_plan("b")
    made.cells.add([new])
    made.cells.not_supported(new, "cannot")
    assert made.workers.make(made.cells) == {}


def test_workers_know_their_queue_their_log_and_the_environment_of_the_work() -> None:
    """Named by what they are; on a shared broker the queue has the run's name too."""
    plan = celery_plan("a", tuning=["batch"])
    place = Made(plan).contender.made[0].place
    assert place is not None
    assert (place.queue, place.log) == ("celery-batch-4", Path("logs/celery-batch-4.log"))
    assert place.env == {"DATABASE_URL": "postgresql://x"}
    assert place.terms is None
    shared = Made(plan, external=True).contender.made[0].place
    assert shared is not None
    assert (shared.queue, shared.terms) == ("run:1:celery-batch-4", TERMS)


def test_a_queue_has_a_name_of_its_own_where_other_runs_queues_lie_beside_it() -> None:
    """On RabbitMQ: another run, or what a killed one left, would be served too. On Redis, a prefix keeps them apart."""
    made = Made(celery_plan("a"))
    assert made.workers.place("celery:2").queue == "celery-2"
    at = broker_url("amqp://h//")
    made.brokers.broker.at = at
    assert made.workers.place("celery:3").queue == "workbench-1-celery-3"


def test_queues_are_removed_from_a_broker_that_is_not_the_runs_own() -> None:
    """An own one ends with them."""
    for own, expected in ((True, []), (False, ["queue celery-4 removed"])):
        made = Made(celery_plan("a"), own=own)
        asyncio.run(made.workers.remove_queues(made.cells))
        assert made.did[1:] == expected


def test_a_cell_gets_the_slots_that_external_workers_have() -> None:
    """Its workers and its queue stay the same ones."""
    asked = celery_plan("a")
    made = Made(asked, external=True, slots=6)
    made.workers.take_slots(made.cells)
    plan = made.cells.plans["a"]
    assert plan.slots == 6
    assert worker_key(plan) != worker_key(asked)
    assert made.workers.of(plan) is made.workers.of(asked) is not None
    assert made.workers.queue_of(plan) == made.workers.queue_of(asked) != ""


def test_of_several_numbers_of_slots_those_that_no_worker_has_are_skipped() -> None:
    """A row must say what it ran on."""
    made = Made(celery_plan("a"), celery_plan("b", slots=6), external=True, slots=6)
    made.workers.take_slots(made.cells)
    assert made.cells.status(made.cells.plans["a"]) == "skipped"
    assert made.cells.reason(made.cells.plans["a"]) == "the workers that responded have 6 slots"
    assert made.cells.status(made.cells.plans["b"]) == "pending"
