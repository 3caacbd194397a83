"""What the tasks of a process share is made once, and closed: on every pool, with all slots beginning at once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from celery_side.process import Shared
from harness.services.brokers.broker import kind

POOLS = {"prefork": 4, "threads": 8, "gevent": 8, "solo": 1}
TASKS = 12
LIMIT_S = 60.0
KINDS = ["ConnectionPool", "PoolManager", "Session"]
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_simultaneous_first_callers_get_the_same_object() -> None:
    """16 threads; making it takes a while."""
    made: list[object] = []

    def make() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    shared = Shared(make, lambda it: None)
    begin = threading.Barrier(16)
    got: list[object] = []

    def first_task() -> None:
        begin.wait()
        got.append(shared.get())

    threads = [threading.Thread(target=first_task) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert set(got) == set(made)
    assert len(got) == 16


def test_what_could_not_be_made_is_tried_again() -> None:
    """As where a service was not there yet."""
    attempts = iter([OSError("not there"), None])

    def make() -> str:
        if (error := next(attempts)) is not None:
            raise error
        return "made"

    shared = Shared(make, lambda it: None)
    with pytest.raises(OSError, match="not there"):
        shared.get()
    assert shared.get() == "made"


class Notes(NamedTuple):
    """What a worker has noted."""

    lines: list[list[str]]

    def of(self, verb: str) -> list[list[str]]:
        """What stands behind that verb."""
        return [line[1:] for line in self.lines if line[0] == verb]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def notes(tmp_path_factory: Any) -> AsyncIterator[dict[str, Notes]]:
    """By pool: what a worker has noted that found more tasks than slots when it started, and was then stopped."""
    folder: Path = tmp_path_factory.mktemp("shared")
    broker = await kind("redis").open(None, "workbench:shared:", folder)
    try:
        yield await asyncio.to_thread(_run, broker.place.url.reveal(), folder)
    finally:
        await broker.close(2)


def _run(url: str, folder: Path) -> dict[str, Notes]:
    from kombu import Connection

    with Connection(url) as connection:
        for pool in POOLS:
            for number in range(TASKS):
                _publish(connection, pool, f"{pool}.{number}")
    workers = {pool: _start(pool, url, folder) for pool in POOLS}
    deadline = time.monotonic() + LIMIT_S
    while any(len(_read(folder / pool).of("used")) < TASKS for pool in POOLS) and time.monotonic() < deadline:
        time.sleep(0.05)
    for worker in workers.values():
        worker.send_signal(signal.SIGTERM)
    for worker in workers.values():
        worker.wait(30)
    return {pool: _read(folder / pool) for pool in POOLS}


def _publish(connection: Any, queue: str, task_id: str) -> None:
    """As Celery does, with its second version of messages."""
    connection.SimpleQueue(queue).put(
        [[], {}, {}], serializer="json", headers={"task": "use", "id": task_id, "root_id": task_id}
    )


def _start(pool: str, url: str, folder: Path) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "celery", "-A", "tests.celery_side.shared_app", "worker", "--pool", pool]
    argv += ["--concurrency", str(POOLS[pool]), "--queues", pool, "--hostname", f"{pool}@shared"]
    env = {"CELERY_BROKER_URL": url, "DATABASE_URL": NOWHERE, "NOTES": str(folder / pool)}
    with (folder / f"{pool}.log").open("wb") as log:
        return subprocess.Popen(argv, env=os.environ | env, stdout=log, stderr=log)


def _read(file: Path) -> Notes:
    return Notes([line.split() for line in file.read_text().splitlines()] if file.exists() else [])


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.asyncio(loop_scope="module")
async def test_each_process_makes_one_of_each_and_closes_it(notes: dict[str, Notes], pool: str) -> None:
    """A process of prefork has its own, and its parent none; the threads or greenlets of a process share one."""
    found = notes[pool]
    processes = {process for _, process, _ in found.of("used")}
    assert len(processes) == (POOLS[pool] if pool == "prefork" else 1)
    once = Counter((kind, process) for kind in KINDS for process in processes)
    assert Counter(map(tuple, found.of("made"))) == once
    assert Counter(map(tuple, found.of("closed"))) == once


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_process_has_a_connection_a_slot(notes: dict[str, Notes], pool: str) -> None:
    """One in a process of prefork, however many processes there are."""
    slots = "1" if pool == "prefork" else str(POOLS[pool])
    used = notes[pool].of("used")
    assert len(used) == TASKS
    assert {(size, slots) for size, _, slots in used} == {(slots, slots)}
