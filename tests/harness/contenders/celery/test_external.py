"""Workers that somebody else has started: what is made of their answers."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from harness.contenders.celery import external
from harness.contenders.celery.config import identity
from harness.contenders.celery.external import ExternalWorkers
from harness.contenders.celery.pool import CeleryPool
from harness.contenders.celery.workers import CeleryWorker
from harness.contenders.contender import WorkersPlace
from harness.errors import ServiceError
from harness.jobs import registered
from harness.jobs.spec import Facts, JobSpec, OwnJob
from harness.machine.usage import Reading, together
from harness.services.brokers.broker import broker_url, waiting_place

PLACE = WorkersPlace(
    broker=waiting_place(broker_url("redis://:sesame@127.0.0.1:1/0"), None),
    queue="run:q",
    log=Path("log"),
    external=True,
)


def answer(slots: int = 4, pool: str = "prefork", **changes: Any) -> dict[str, Any]:
    """What a worker like this harness says of itself, with something changed."""
    said = identity() | changes
    effective = {key: value for key, value in said.items() if key not in ("celery", "kombu", "redis", "tasks")}
    runs = {key: said[key] for key in said if key not in effective or key == "celery-or-asyncio-workbench"}
    return {
        "host": "h",
        "cpus": 2,
        "boot_id": "b",
        "effective": {**effective, "pool": pool, "slots": slots, "celery": said["celery"]},
        "runs": runs,
        "backend": "redis",
    }


class Bus:
    """Answers of workers, by command; what was asked of whom is noted."""

    def __init__(self, described: dict[str, dict[str, Any]]) -> None:
        self.described = described
        self.silent: set[str] = set()
        self.asked: list[tuple[str, tuple[str, ...] | None]] = []

    async def __call__(
        self, place: WorkersPlace, command: str, arguments: Any, names: list[str] | None, limit_s: float
    ) -> dict[str, Any]:
        """As over Celery's remote control."""
        self.asked.append((command, tuple(names) if names is not None else None))
        there = [name for name in (names or self.described) if name in self.described and name not in self.silent]
        if command == "workbench_describe":
            return {name: self.described[name] for name in there}
        return {name: {"ok": command} for name in there}


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """Two prefork workers and one with threads."""
    made = Bus({"b@2": answer(2), "a@1": answer(4), "t@1": answer(8, "threads")})
    monkeypatch.setattr(external, "ask", made)
    monkeypatch.setattr(external, "FIND_LIMIT_S", 0.05)
    return made


async def started(pool: str = "prefork") -> ExternalWorkers:
    """Found and told to take the queue."""
    workers = ExternalWorkers(pool, PLACE)
    await workers.start()
    return workers


async def test_a_job_of_the_users_own_finds_its_own_workers(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name and the fingerprint of its source; the settings are its own application's."""
    monkeypatch.setattr(registered, "_jobs", {})
    registered.add(OwnJob(spec=JobSpec(given="-w shop.py"), facts=Facts(name="shop", fingerprint="f00")))
    place = msgspec.structs.replace(PLACE, tasks=("shop",))
    with pytest.raises(ServiceError, match=r"the job shop answered .*a@1 \(prefork\).*--broker URL --job shop.py"):
        await ExternalWorkers("prefork", place).start()
    for fingerprint, fault in (("f00", ""), ("bad", "worker j@1 has another source of the job shop")):
        job = {"name": "shop", "fingerprint": fingerprint}
        bus.described["j@1"] = answer(3, acks_late="theirs") | {"job": job}
        workers = ExternalWorkers("prefork", place)
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
    await ExternalWorkers("prefork", msgspec.structs.replace(PLACE, tasks=("noop",))).start()
    with pytest.raises(ServiceError, match=r"worker b@2 was started without sleep: add --workload sleep, or give none"):
        await ExternalWorkers("prefork", msgspec.structs.replace(PLACE, tasks=("noop", "sleep"))).start()


async def test_all_workers_of_the_pool_are_used_together(bus: Bus) -> None:
    """Their slots add up; each is told to take this run's queue, and at the end to leave it; none is ended."""
    workers = await started()
    described, effective = workers.described()
    assert [one.name for one in described] == ["a@1", "b@2"]
    assert effective["slots"] == 6
    assert ("add_consumer", ("a@1", "b@2")) in bus.asked
    await workers.stop(5)
    assert bus.asked[-1] == ("cancel_consumer", ("a@1", "b@2"))
    assert not {command for command, _ in bus.asked} & {"shutdown", "pool_restart"}


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


async def test_a_worker_that_vanishes_is_named_with_its_share(bus: Bus) -> None:
    """Its reading cannot be had; back again, it is told to take the queue again."""
    workers = await started()
    bus.silent = {"b@2"}
    with pytest.raises(ServiceError, match="b@2"):
        await workers.reading(memory=False)
    assert workers.dead() == "workers stopped responding: b@2, with 2 of 6 prefork slots"
    await workers.ensure()
    assert workers.dead() is not None
    bus.silent = set()
    before = len(bus.asked)
    await workers.ensure()
    assert workers.dead() is None
    assert ("add_consumer", ("a@1", "b@2")) in bus.asked[before:]
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
        return {name: base64.b64encode(part).decode() for name, part in packed.items()}

    monkeypatch.setattr(external, "ask", ask)
    assert sorted((await workers.executed(1)).tolist()) == [1, 2, 2]


def test_a_contender_takes_workers_from_where_the_session_says(tmp_path: Path) -> None:
    """Its own, or those that wait."""

    class Pool(CeleryPool):
        name, pool, summary = "celery-prefork", "prefork", ""

    own = WorkersPlace(broker=waiting_place(broker_url("redis://x"), None), queue="q", log=tmp_path)
    assert isinstance(Pool().workers(4, PLACE), ExternalWorkers)
    assert isinstance(Pool().workers(4, own), CeleryWorker)


async def test_a_worker_that_does_not_answer_where_nothing_moves_has_gone(bus: Bus) -> None:
    """At once, rather than after some heartbeats; one with the pool solo answers after its task."""
    workers = await started()
    assert await workers.silent() is None
    bus.silent = {"a@1"}
    assert await workers.silent() == "workers stopped responding: a@1, with 4 of 6 prefork slots"
    bus.described["s@1"] = answer(1, "solo")
    solo = await started("solo")
    bus.silent = {"s@1"}
    assert await solo.silent() is None
