"""Workers that somebody else has started: what is made of their answers."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from harness.contenders.celery import external
from harness.contenders.celery.answers import LEAVE, TAKE
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.fleet.lease import LEASE_S
from harness.contenders.celery.pool import CeleryPool
from harness.contenders.celery.workers import CeleryWorker
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.jobs import registered
from harness.jobs.spec import Facts, JobSpec, OwnJob
from harness.machine.usage import Reading, together
from harness.services.brokers.broker import broker_url, waiting_place
from harness.services.terms import Terms
from tests.harness.contenders.celery.fleet.doubles import OTHERS, TERMS, Bus, answer

PLACE = WorkersPlace(
    broker=waiting_place(broker_url("redis://:sesame@127.0.0.1:1/0"), None),
    queue="run:abcdef:q",
    log=Path("log"),
)
OTHER_PLACE = msgspec.structs.replace(PLACE, queue="other:123456:q")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """Two prefork workers and one with threads."""
    return Bus({"b@2": answer(2), "a@1": answer(4), "t@1": answer(8, "threads")}).on(monkeypatch)


async def started(pool: str = "prefork", terms: Terms = TERMS) -> ExternalWorkers:
    """Found and told to take the queue."""
    workers = ExternalWorkers(pool, PLACE, terms)
    await workers.start()
    return workers


async def test_a_job_of_the_users_own_finds_its_own_workers(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name and the fingerprint of its source; the settings are its own application's."""
    monkeypatch.setattr(registered, "_jobs", {})
    registered.add(OwnJob(spec=JobSpec(given="-w shop.py"), facts=Facts(name="shop", fingerprint="f00")))
    place = msgspec.structs.replace(PLACE, tasks=("shop",))
    with pytest.raises(ServiceError, match=r"the job shop answered .*a@1 \(prefork\).*--broker URL --job shop.py"):
        await ExternalWorkers("prefork", place, TERMS).start()
    for fingerprint, fault in (("f00", ""), ("bad", "worker j@1 has another source of the job shop")):
        job = {"name": "shop", "fingerprint": fingerprint}
        bus.come("j@1", answer(3, acks_late="theirs") | {"job": job})
        workers = ExternalWorkers("prefork", place, TERMS)
        if fault:
            with pytest.raises(ServiceError, match=fault):
                await workers.start()
        else:
            await workers.start()
            assert [worker.name for worker in workers.described()[0]] == ["j@1"]
            await workers.stop(1)
    assert [worker.name for worker in (await started()).described()[0]] == ["a@1", "b@2"]


async def test_a_worker_without_a_task_of_the_run_is_refused(bus: Bus) -> None:
    """It would leave the message unanswered; one that has more tasks than the run needs is fine."""
    for name, tasks in (("a@1", ["noop", "sleep"]), ("b@2", ["noop"])):
        bus.described[name]["effective"]["tasks"] = tasks
    await ExternalWorkers("prefork", msgspec.structs.replace(PLACE, tasks=("noop",)), TERMS).start()
    with pytest.raises(ServiceError, match=r"worker b@2 was started without sleep: add --workload sleep, or give none"):
        await ExternalWorkers("prefork", msgspec.structs.replace(PLACE, tasks=("noop", "sleep")), TERMS).start()


async def test_all_workers_of_the_pool_are_leased_and_used_together(bus: Bus) -> None:
    """Their slots add up; each takes this run's queue, and leaves it at the end; none is ended."""
    workers = await started()
    described, effective = workers.described()
    assert [one.name for one in described] == ["a@1", "b@2"]
    assert effective["slots"] == 6
    assert [bus.leases[name].is_for(PLACE.queue) for name in ("a@1", "b@2", "t@1")] == [True, True, False]
    await workers.stop(5)
    assert bus.asked[-1] == (LEAVE, ("a@1", "b@2"))
    assert {lease.run for lease in bus.leases.values()} == {""}
    assert not set(bus.commands()) & {"shutdown", "pool_restart"}


async def test_workers_that_another_run_has_are_refused_with_its_name_and_none_is_kept(bus: Bus) -> None:
    """Of those that were free meanwhile, none stays leased."""
    bus.leases["b@2"].take(OTHERS.run, OTHERS.holder, "other:123456:q")
    with pytest.raises(ServiceError, match=r"b@2 is leased by run other:123456 \(far, process 7\).*--wait"):
        await started()
    assert bus.leases["a@1"].run == ""
    assert bus.leases["b@2"].run == OTHERS.run


async def test_a_run_that_waits_has_them_once_the_other_run_is_over_or_dead(bus: Bus) -> None:
    """A run that was killed renews no more, and its leases end by themselves."""
    bus.leases["a@1"].take(OTHERS.run, OTHERS.holder, "other:123456:q")
    said: list[str] = []

    def note(text: str) -> None:
        said.append(text)
        bus.now_s += LEASE_S

    await started(terms=msgspec.structs.replace(TERMS, wait_s=60.0, note=note))
    assert said == ["waiting for a@1, which other:123456 (far, process 7) has leased"]
    assert bus.leases["a@1"].run == TERMS.run


async def test_at_most_so_many_are_leased_and_those_that_are_free(bus: Bus) -> None:
    """So that two runs share what waits."""
    bus.leases["a@1"].take(OTHERS.run, OTHERS.holder, "other:123456:q")
    workers = await started(terms=msgspec.structs.replace(TERMS, at_most=1))
    assert [one.name for one in workers.described()[0]] == ["b@2"]


async def test_a_run_begins_once_its_workers_have_ended_what_an_earlier_one_left(bus: Bus) -> None:
    """Prefetched tasks of a killed run would take its slots."""
    bus.busy = {"b@2": 6}
    await started()
    assert bus.busy["b@2"] == 0


async def test_two_runs_that_ask_at_once_do_not_each_get_a_part(bus: Bus) -> None:
    """The first by name is asked alone, and whoever does not get it asks no other."""
    one, other = ExternalWorkers("prefork", PLACE, TERMS), ExternalWorkers("prefork", OTHER_PLACE, OTHERS)
    ended = await asyncio.gather(one.start(), other.start(), return_exceptions=True)
    assert [type(end) for end in ended].count(ServiceError) == 1
    assert len({bus.leases[name].run for name in ("a@1", "b@2")}) == 1
    assert bus.commands().count(TAKE) <= 5


async def test_no_worker_of_that_pool_is_an_error_that_names_the_others(bus: Bus) -> None:
    """With what to do, and without the password."""
    with pytest.raises(ServiceError) as raised:
        await started("gevent")
    told = str(raised.value)
    assert "workbench worker --pool gevent" in told
    assert "t@1 (threads)" in told
    assert "sesame" not in told


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"celery": "5.6.0"}, "celery is '5.6.0' there"),
        ({"acks_late": True}, "acks_late is True there and False here"),
        ({"tasks": ["noop"]}, "tasks is ['noop'] there"),
    ],
)
async def test_a_worker_that_runs_something_else_is_refused(bus: Bus, changed: dict[str, Any], said: str) -> None:
    """With its name and the difference."""
    bus.described["b@2"] = answer(2, **changed)
    with pytest.raises(ServiceError, match="worker b@2 differs from this harness") as raised:
        await started()
    assert said in str(raised.value)


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


def test_usage_of_several_workers_is_one() -> None:
    """Sums, but the first processes' mean: each has a core of its own; what one does not know is not known."""
    one = Reading(at_ns=100, cpu_s=4.0, main_cpu_s=1.0, processes=3, memory_mb=50.0, memory_kind="pss", count=7)
    two = Reading(at_ns=300, cpu_s=6.0, main_cpu_s=3.0, processes=5, memory_mb=70.0, memory_kind="pss", count=8)
    both = together([one, two])
    assert (both.at_ns, both.cpu_s, both.main_cpu_s, both.processes) == (200, 10.0, 2.0, 8)
    assert (both.memory_mb, both.memory_kind, both.count) == (120.0, "pss", 15)
    blank = together([one, Reading(at_ns=0, cpu_s=0.0, main_cpu_s=0.0, processes=1, memory_kind="rss")])
    assert (blank.memory_mb, blank.memory_kind, blank.count) == (None, "mixed", None)


async def test_executions_of_several_workers_are_one_list(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one request that two workers executed is seen twice."""
    import base64
    import zlib

    workers = await started()

    async def ask(*_: Any) -> dict[str, Any]:
        parts = {"a@1": [1, 2], "b@2": [2]}
        packed = {name: zlib.compress(np.array(part, dtype=np.int64).tobytes()) for name, part in parts.items()}
        return {
            name: {"numbers": base64.b64encode(part).decode(), "of_others": 0, "of_nobody": 0}
            for name, part in packed.items()
        }

    monkeypatch.setattr(external, "ask", ask)
    assert sorted((await workers.executed(1)).numbers.tolist()) == [1, 2, 2]


def test_a_contender_takes_workers_from_where_the_session_says(tmp_path: Path) -> None:
    """Its own, or those that wait."""

    class Pool(CeleryPool):
        name, pool, summary = "celery-prefork", "prefork", ""

    waits = msgspec.structs.replace(PLACE, terms=TERMS)
    own = WorkersPlace(broker=waiting_place(broker_url("redis://x"), None), queue="q", log=tmp_path)
    assert isinstance(Pool().workers(4, waits), ExternalWorkers)
    assert isinstance(Pool().workers(4, own), CeleryWorker)


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
