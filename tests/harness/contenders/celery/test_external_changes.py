"""Workers that somebody else has started, and that come, go and fall silent during a run."""

import asyncio
from typing import Any

import msgspec
import pytest

from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.fleet.lease import LEASE_S
from harness.errors import ServiceError
from tests.harness.contenders.celery.fleet.doubles import PLACE, TERMS, Bus, answer, started


def used(workers: ExternalWorkers) -> dict[str, Any]:
    """Who executes, with how many slots."""
    described, effective = workers.described()
    return {"names": [one.name for one in described], "slots": effective["slots"]}


async def looked(times: int = 5) -> None:
    """Look who is there."""
    for _ in range(times):
        await asyncio.sleep(0)


async def test_a_worker_that_comes_is_used_from_the_next_trial_on(bus: Bus) -> None:
    """During a trial nothing changes; one of another pool, or with other code, is not used, and that is said once."""
    said: list[str] = []
    workers = await started(terms=msgspec.structs.replace(TERMS, note=said.append))
    bus.come("c@3", answer(3))
    bus.come("d@4", answer(5, sources="0123"))
    bus.come("e@5", answer(7, "gevent"))
    await looked()
    assert used(workers) == {"names": ["a@1", "b@2"], "slots": 6}
    await workers.ensure()
    await workers.ensure()
    assert used(workers) == {"names": ["a@1", "b@2", "c@3"], "slots": 9}
    assert bus.leases["c@3"].is_for(PLACE.queue)
    assert [text for text in said if "d@4" in text and "sources is '0123' there" in text] == said
    assert len(said) == 1
    await workers.stop(5)


async def test_of_a_shard_it_is_said_whose_slots_they_are(bus: Bus) -> None:
    """The row has those of all shards."""
    workers = ExternalWorkers("prefork", msgspec.structs.replace(PLACE, shard="shard 2 (redis://h/0)"), TERMS)
    await workers.start()
    bus.go("b@2")
    assert await workers.silent() == (
        "workers are lost: b@2 stopped responding; with 2 of 6 prefork slots of shard 2 (redis://h/0)"
    )
    await workers.stop(5)


async def test_a_worker_that_has_gone_fails_a_trial_and_later_ones_do_without_it(bus: Bus) -> None:
    """With its share named; the others go on."""
    workers = await started()
    bus.go("b@2")
    with pytest.raises(ServiceError, match="b@2"):
        await workers.executed(1)
    assert workers.dead() == "workers are lost: b@2 stopped responding; with 2 of 6 prefork slots"
    await workers.ensure()
    workers._leasing.has_gone(["b@2"])  # a question that was under way meanwhile says so again
    assert workers.dead() is None
    assert used(workers) == {"names": ["a@1"], "slots": 4}
    bus.go("a@1")
    with pytest.raises(ServiceError, match="a@1"):
        await workers.executed(2)
    await workers.ensure()
    assert workers.dead() == "workers are lost: a@1 stopped responding; with 4 of 4 prefork slots"
    await workers.stop(5)


async def test_a_worker_that_was_started_again_is_lost_for_the_trial_and_used_in_the_next(bus: Bus) -> None:
    """Its tasks went with it, although one of its name answers."""
    workers = await started()
    bus.come("b@2", answer(2))
    await workers._leasing.renew()
    assert workers.dead() == "workers are lost: b@2 ended and started again; with 2 of 6 prefork slots"
    await workers.ensure()
    assert workers.dead() is None
    assert used(workers) == {"names": ["a@1", "b@2"], "slots": 6}
    await workers._leasing.renew()
    assert workers.dead() is None
    await workers.stop(5)


async def test_a_worker_that_was_started_again_between_trials_costs_none(bus: Bus) -> None:
    """Sooner than the next renewal of its lease: else the trial would have its slots, and nobody in them."""
    workers = await started()
    bus.come("b@2", answer(2))
    await workers.ensure()
    assert bus.leases["b@2"].is_for(PLACE.queue)
    assert workers.dead() is None
    await workers.stop(5)


async def test_a_worker_that_was_started_again_in_a_trial_is_lost_when_it_ends(bus: Bus) -> None:
    """However short the trial was: the new one answers, and has executed nothing."""
    workers = await started()
    bus.come("b@2", answer(2))
    await workers.executed(1)
    assert "b@2 ended and started again" in str(workers.dead())
    await workers.stop(5)


async def test_a_run_that_was_not_heard_fails_its_trial_and_leases_again(bus: Bus) -> None:
    """It stood still for longer than a lease lasts: its workers have given up its queue, with what lay in it."""
    workers = await started()
    bus.now_s += LEASE_S
    await workers._leasing.renew()
    assert workers.dead() == (
        "workers are lost: a@1, b@2 ended its lease, because this run was not heard for 12 s; with 6 of 6 prefork slots"
    )
    await workers.ensure()
    assert (workers.dead(), used(workers)["slots"]) == (None, 6)
    assert bus.leases["a@1"].is_for(PLACE.queue)
    await workers.stop(5)


async def test_workers_are_not_lost_because_their_broker_does_not_answer(bus: Bus) -> None:
    """It is the reason of what fails meanwhile; once it is back, they have the run's lease, or say why not."""
    workers = await started()
    bus.has_gone = True
    for _ in range(10):
        await workers._leasing.renew()
    assert workers.dead() is None
    bus.has_gone = False
    bus.now_s += LEASE_S
    await workers._leasing.renew()
    assert "ended its lease" in str(workers.dead())
    await workers.stop(5)


@pytest.mark.parametrize(("pool", "is_lost"), [("solo", False), ("prefork", True)])
async def test_a_worker_that_cannot_answer_while_it_executes_is_not_lost(bus: Bus, pool: str, is_lost: bool) -> None:
    """A task of half a minute is four renewals; after a minute without an answer it counts as gone."""
    bus.come("s@1", answer(1, "solo"))
    workers = await started(pool)
    bus.silent = set(bus.described)
    for _ in range(4):
        await workers._leasing.renew()
    assert (workers.dead() is not None) == is_lost
    for _ in range(4):
        await workers._leasing.renew()
    assert "stopped responding" in str(workers.dead())
    await workers.stop(5)


async def test_a_solo_worker_that_does_not_report_its_usage_may_be_busy(bus: Bus) -> None:
    """The trial goes on without the figure; before the next one it is looked who is there."""
    bus.come("s@1", answer(1, "solo"))
    bus.come("s@2", answer(1, "solo"))
    workers = await started("solo")
    bus.silent = {"s@1", "s@2"}
    with pytest.raises(ServiceError, match="s@1"):
        await workers.reading(memory=False)
    assert workers.dead() is None
    bus.silent = set()
    bus.go("s@2")
    await workers.ensure()
    assert (used(workers), workers.dead()) == ({"names": ["s@1"], "slots": 1}, None)
    await workers.stop(5)


async def test_at_most_so_many_are_kept_when_others_come(bus: Bus) -> None:
    """Those that the run has stay; one that has gone is replaced."""
    workers = await started(terms=msgspec.structs.replace(TERMS, at_most=2))
    bus.come("a@0", answer(9))
    await looked()
    await workers.ensure()
    assert used(workers)["names"] == ["a@1", "b@2"]
    bus.go("b@2")
    workers._leasing.has_gone(["b@2"])
    await workers.ensure()
    assert used(workers)["names"] == ["a@0", "a@1"]
    await workers.stop(5)


async def test_a_worker_that_vanishes_is_used_again_once_it_is_back(bus: Bus) -> None:
    """A network may be gone for a while; meanwhile its lease ended."""
    workers = await started()
    bus.silent = {"b@2"}
    with pytest.raises(ServiceError, match="b@2"):
        await workers.reading(memory=False)
    await workers.ensure()
    assert used(workers)["names"] == ["a@1"]
    bus.silent = set()
    bus.now_s += LEASE_S
    await looked()
    await workers.ensure()
    assert (used(workers)["names"], workers.dead()) == (["a@1", "b@2"], None)
    assert bus.leases["b@2"].is_for(PLACE.queue)
    await workers.stop(5)


async def test_a_worker_that_does_not_answer_where_nothing_moves_has_gone(bus: Bus) -> None:
    """At once, rather than after some heartbeats; one with the pool solo answers after its task."""
    workers = await started()
    assert await workers.silent() is None
    bus.silent = {"a@1"}
    assert await workers.silent() == "workers are lost: a@1 stopped responding; with 4 of 6 prefork slots"
    bus.come("s@1", answer(1, "solo"))
    solo = await started("solo")
    bus.silent = {"s@1"}
    assert await solo.silent() is None
    bus.silent = set()
    bus.go("s@1")
    await solo.ensure()
    assert solo.dead() == "workers are lost: s@1 stopped responding; with 1 of 1 solo slots"


async def test_where_the_last_worker_has_gone_no_trial_begins_without_it(bus: Bus) -> None:
    """However many trials follow, and although its lease was given back meanwhile; one that comes is used."""
    bus.come("s@1", answer(1, "solo"))
    workers = await started("solo")
    bus.go("s@1")
    workers._leasing.has_gone(["s@1"])
    for _ in range(3):
        await workers.stop(0)
        await workers.ensure()
        assert workers.dead() == "workers are lost: s@1 stopped responding; with 1 of 1 solo slots"
    bus.come("s@2", answer(1, "solo"))
    await workers.ensure()
    assert (used(workers)["names"], workers.dead()) == (["s@2"], None)
    await workers.stop(5)
