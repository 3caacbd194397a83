"""Real services for the contract: a Redis, an origin, and one worker for each Celery contender, started once."""

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest_asyncio
from kombu import Producer

from harness import registry
from harness.contenders.contender import Assignment, Contender, Outcome, Request, Workers, WorkersPlace, contender_of
from harness.contenders.settings.setting import written
from harness.driver.scenario import Submit, submitter
from harness.services.brokers.broker import BrokerService, kind
from harness.services.origin import Origin, open_origin
from harness.services.postgres import VARIABLE, Postgres, open_postgres
from tests.running import missing
from workloads.workload import Services

PREFIX = "workbench:contract:"
SLOTS = {
    "celery-prefork": 2,
    "celery-threads": 2,
    "celery-gevent": 2,
    "celery-solo": 1,
    "asyncio": 2,
    "queue-bare": 2,
    "streaq": 2,
    "taskiq": 2,
    "celery-asyncio": 2,
}
CONTENDERS = [
    name for name in registry.names("contender") if registry.load("contender", name).cannot("noop", None) is None
]
"""Without those whose library is not installed, as with the lowest versions (`make test-lowest`)."""
BATCH = 6
"""Requests at once, more than any of them has slots."""
CHUNKED = ("celery-threads+chunk-4", "celery-asyncio+chunk-4")
SLOTS |= dict.fromkeys(CHUNKED, 2)
ANSWER_S = 30.0 if hasattr(Producer, "batch") else 90.0
"""Before Celery 5.7, a worker with threads may fetch nothing for 2 s, several times in a chord."""
TRIALS = itertools.count(1)
"""Each assignment is a trial of its own, so that no two requests have the same id."""


class Running(NamedTuple):
    """What the whole module shares."""

    broker: BrokerService
    origin: Origin
    workers: dict[str, Workers]
    postgres: Postgres | None

    def services(self) -> Services:
        """Where payloads point to."""
        schema = self.postgres.schema if self.postgres else None
        return Services(origin_url=self.origin.url.reveal(), postgres_schema=schema)

    def assignment(self, contender: str, workload: str) -> Assignment:
        """What a driver of that contender would be given."""
        return Assignment(
            workload=workload,
            slots=SLOTS.get(contender),
            services=self.services(),
            broker=self.broker.place,
            queue=f"contract-{contender}",
            workers=[worker.name for worker in self.workers[contender].described()[0]]
            if contender in self.workers
            else [],
            trial=next(TRIALS),
        )


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def running(tmp_path_factory: Any) -> AsyncIterator[Running]:
    """Start everything at once, stop it at the end."""
    folder: Path = tmp_path_factory.mktemp("contract")
    broker = await kind("redis").open(None, PREFIX, folder)
    postgres = await open_postgres(None, folder / "postgres.log")
    if postgres is not None:
        await postgres.make(registry.load("workload", "sql_query").tables)
        os.environ[VARIABLE] = postgres.url.reveal()
    workers: dict[str, Workers] = {}
    for name in (*registry.names("contender"), *CHUNKED):
        place = WorkersPlace(broker=broker.place, queue=f"contract-{name}", log=folder / f"{name}.log")
        known = contender_named(name)
        made = known.workers(SLOTS.get(name), place) if known.cannot("noop", None) is None else None
        if made is not None:
            workers[name] = made
    origin = await open_origin(None, 1, folder / "origin.log")
    await asyncio.gather(*(one.start() for one in workers.values()))
    try:
        yield Running(broker, origin, workers, postgres)
    finally:
        await asyncio.gather(origin.stop(2), *(one.stop(5) for one in workers.values()))
        await broker.close(2)
        if postgres is not None:
            del os.environ[VARIABLE]
            await postgres.stop(2)


def contender_named(name: str) -> Contender:
    """With its settings."""
    plain, *tuning = name.split("+")
    return contender_of(plain, tuning)


def skip_without_postgres(running: Running, workload: str) -> None:
    """In CI there is one."""
    if "postgres" in registry.load("workload", workload).needs and running.postgres is None:
        missing("no PostgreSQL: no initdb on PATH, in /usr/lib/postgresql or in a wheel")


class Submitted(NamedTuple):
    """What came of a batch, and under which trial it ran."""

    outcomes: list[Outcome]
    trial: int
    resumed_ns: int


def submit(running: Running, contender: Contender, workload: str, payloads: list[dict[str, Any]]) -> list[Outcome]:
    """Submit payloads at once through the contender's open side, on its own event loop, as a driver does."""
    return submitted(running, contender, workload, payloads).outcomes


def submitted(
    running: Running,
    contender: Contender,
    workload: str,
    payloads: list[dict[str, Any]],
    *,
    paused: bool = False,
    queue: str | None = None,
) -> Submitted:
    """The same; where `paused`, execution is resumed only once all are submitted. `queue`: not the worker's own."""
    definition = registry.load("workload", workload)
    made = definition(definition.Params(), running.services(), 1)
    tuning = [setting.name for setting in contender.tuning]
    label = contender.name + written(tuning)
    assignment = running.assignment(label if label in running.workers else contender.name, workload)
    assignment = msgspec.structs.replace(assignment, tuning=tuning)
    if queue is not None:
        assignment = msgspec.structs.replace(assignment, queue=queue)

    async def main() -> Submitted:
        clock = contender.clock(asyncio.get_running_loop())
        async with contender.open(assignment, made) as side, submitter(side, made, assignment, clock) as submit:
            if paused:
                await side.pause()
            tasks = [asyncio.create_task(_one(submit, *numbered)) for numbered in enumerate(payloads)]
            await asyncio.sleep(0)
            resumed_ns = time.monotonic_ns()
            if paused:
                await side.resume()
            return Submitted(await asyncio.gather(*tasks), assignment.trial, resumed_ns)

    async def _one(submit: Submit, number: int, payload: dict[str, Any]) -> Outcome:
        return await asyncio.wait_for(submit(Request(number, payload)), ANSWER_S)

    with asyncio.Runner(loop_factory=contender.new_event_loop) as runner:
        return runner.run(main())
