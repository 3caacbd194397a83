"""Workers that somebody else has started: what is made of their answers."""

import asyncio
from typing import Any

import msgspec
import numpy as np
import pytest

from harness.contenders.celery import external
from harness.contenders.celery.answers import LEAVE, TAKE
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.fleet.lease import LEASE_S
from harness.errors import ServiceError
from harness.jobs import registered
from harness.jobs.spec import Facts, JobSpec, OwnJob
from tests.harness.contenders.celery.fleet.doubles import OTHERS, PLACE, TERMS, Bus, answer, started

OTHER_PLACE = msgspec.structs.replace(PLACE, queue="other:123456:q")


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


async def test_two_runs_that_share_workers_get_one_each_when_they_ask_at_once(bus: Bus) -> None:
    """Both choose the first: whoever does not get it looks again, without having to wait."""
    terms = [msgspec.structs.replace(each, at_most=1) for each in (TERMS, OTHERS)]
    one, other = ExternalWorkers("prefork", PLACE, terms[0]), ExternalWorkers("prefork", OTHER_PLACE, terms[1])
    await asyncio.gather(one.start(), other.start())
    assert {bus.leases[name].run for name in ("a@1", "b@2")} == {TERMS.run, OTHERS.run}


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
