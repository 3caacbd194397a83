"""Whether 3 replies wrong, 5 requests failed, 2 lost and 4 executed twice among 10,000 come out as exactly that.

`python -m benchmarks.reconciliation`: a backlog of requests (`sleep` of no time) to real Celery threads over a real
Redis. The driver publishes all while the worker takes none, and resumes it; in between, and on the way to the broker,
faults are injected for real:

- wrong: the message says another time to sleep than the driver asked for, so the reply is another one;
- failed: the message asks for a time below zero, and the task raises;
- lost: the message is taken out of the queue, and nobody ever executes it;
- executed twice: the queue holds the message twice. Half of the copies lie next to the message, so that both are
  executed at about the same time, half at the end of the queue, so that a second result comes after the first.

The worker, the client, the driver and the accounting are those of any run. Demanded: every count as injected, of
exactly the requests injected; the trial disqualified, because replies were wrong; and nothing that cannot be.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import numpy as np
import redis

from benchmarks.in_process import Driven as TrialDriven
from benchmarks.in_process import own_broker, serving
from harness.accounting.conditions import TrialConditions
from harness.accounting.trial import TrialRecords, trial_of
from harness.contenders.celery_threads import CeleryThreads
from harness.contenders.contender import Assignment, Driven, Outcome, Request
from harness.loads.load import parse_load
from harness.machine.cores import cpus
from harness.recording.reconciliation import reconcile
from harness.recording.request_numbers import FIRST
from harness.recording.spool import Status
from harness.results.model import Trial
from workloads.workload import Workload

OTHER_S, IMPOSSIBLE_S = 0.001, -1.0
"""What the messages say whose replies are to be wrong, and that are to fail."""


class Faults(NamedTuple):
    """Numbers of the requests by what is done to them; no request is in two."""

    wrong: list[int]
    failed: list[int]
    lost: list[int]
    twice: list[int]

    @classmethod
    def drawn(cls, options: argparse.Namespace) -> "Faults":
        """As many of each as asked for, anywhere in the backlog."""
        sizes = [getattr(options, name) for name in cls._fields]
        numbers = random.Random(options.seed).sample(range(options.requests), sum(sizes))
        return cls(*(sorted(numbers.pop() for _ in range(size)) for size in sizes))


class Interfering:
    """The open side of a contender, with what interferes between it and its workers."""

    def __init__(self, side: Driven, assignment: Assignment, faults: Faults) -> None:
        self._side = side
        self._faults = faults
        self._trial = assignment.trial
        assert assignment.broker is not None
        self._key = assignment.broker.key_prefix + assignment.queue
        self._redis: Any = redis.Redis.from_url(assignment.broker.url.reveal())
        self._said = dict.fromkeys(faults.wrong, OTHER_S) | dict.fromkeys(faults.failed, IMPOSSIBLE_S)

    async def submit(self, request: Request) -> Outcome:
        """Submit what the request says, or something else in its place."""
        if (seconds := self._said.get(request.id)) is not None:
            request = Request(request.id, request.payload | {"seconds": seconds})
        return await self._side.submit(request)

    async def pause(self) -> None:
        """Pause."""
        await self._side.pause()

    async def resume(self) -> None:
        """Interfere with the queue, then resume."""
        self._interfere()
        await self._side.resume()

    def _interfere(self) -> None:
        """Take messages out, put copies in. Redis's list is consumed from its right end."""
        lying = {json.loads(raw)["headers"]["id"]: raw for raw in self._redis.lrange(self._key, 0, -1)}
        for number in self._faults.lost:
            assert self._redis.lrem(self._key, 1, lying[self._id(number)]) == 1
        for index, number in enumerate(self._faults.twice):
            raw = lying[self._id(number)]
            if index % 2:
                assert self._redis.lpush(self._key, raw) > 0
            else:
                assert self._redis.linsert(self._key, "BEFORE", raw, raw) > 0

    def _id(self, number: int) -> str:
        return f"{self._trial}.{number}"


class FaultyThreads(CeleryThreads):
    """Celery threads, with faults on the way."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def open(self, assignment: Assignment, workload: Workload[Any]) -> AbstractAsyncContextManager[Driven]:
        """Connect as Celery threads do, and interfere."""
        return self._open(assignment, super().open(assignment, workload))

    @asynccontextmanager
    async def _open(self, assignment: Assignment, opened: AbstractAsyncContextManager[Driven]) -> AsyncIterator[Driven]:
        async with opened as side:
            yield Interfering(side, assignment, self._faults)


def accounted(driven: TrialDriven, options: argparse.Namespace) -> Trial:
    """The trial as a session accounts for it."""
    load = parse_load(f"drain:{options.requests}", "the benchmark")
    conditions = TrialConditions(load=load, slots=options.slots, cpus=cpus())
    records = TrialRecords(recording=driven.recording, fold=driven.fold, executed=driven.executed)
    return trial_of(1, 1, conditions, records)


def found_numbers(driven: TrialDriven) -> Faults:
    """The requests that each thing was found of."""
    ended = {status: driven.fold.endings.those(status).tolist() for status in Status}
    numbers, times = np.unique(driven.executed, return_counts=True)
    return Faults(ended[Status.WRONG], ended[Status.FAILED], ended[Status.LOST], numbers[times == 2].tolist())


def rows(faults: Faults, driven: TrialDriven, trial: Trial, requests: int) -> list[tuple[str, object, object]]:
    """What is compared: its name, as injected, as found."""
    found = found_numbers(driven)
    ok = requests - len(faults.wrong) - len(faults.failed) - len(faults.lost)
    verified_first = int(np.count_nonzero(driven.executed == FIRST))
    fault = reconcile(driven.fold.endings, driven.fold.ended_twice, driven.executed).fault
    return [
        ("submitted", requests, trial.submitted),
        ("ok", ok, trial.ok),
        ("wrong", len(faults.wrong), trial.wrong),
        ("failed", len(faults.failed), trial.failed),
        ("lost", len(faults.lost), trial.lost),
        ("executed twice", len(faults.twice), trial.duplicates),
        ("executions", requests - len(faults.lost) + len(faults.twice) + 1, trial.executions),
        ("of them, verified first", 1, verified_first),
        *((f"which were {name}", getattr(faults, name), getattr(found, name)) for name in Faults._fields),
        ("failures by kind", {"ValueError": len(faults.failed)}, {one.kind: one.count for one in trial.failures}),
        ("the trial", "disqualified", trial.status),
        ("what cannot be", "nothing", fault or "nothing"),
    ]


async def compare(options: argparse.Namespace) -> bool:
    """Run the trial, print what was injected and found; whether these are the same."""
    faults = Faults.drawn(options)
    async with own_broker() as broker, serving(FaultyThreads(faults), options.slots, broker) as service:
        driven = await service.drive(
            f"drain:{options.requests}", workload="sleep", params={"seconds": 0.0}, timeout_s=options.timeout
        )
    trial = accounted(driven, options)
    compared = rows(faults, driven, trial, options.requests)
    print(f"  {'':26}{'injected':34}found")
    for name, injected, found in compared:
        print(f"  {name:26}{injected!s:34}{found!s}{'' if injected == found else '   ← not the same'}")
    print(f"  {trial.error}")
    print("  demanded: equal counts")
    return all(injected == found for _, injected, found in compared)


def main() -> None:
    """Exit 1 where anything comes out otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reconciliation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--requests", type=int, default=10_000, help="requests of the backlog (default: %(default)s)")
    parser.add_argument("--wrong", type=int, default=3, help="replies to make wrong (default: %(default)s)")
    parser.add_argument("--failed", type=int, default=5, help="requests to make fail (default: %(default)s)")
    parser.add_argument("--lost", type=int, default=2, help="messages to lose (default: %(default)s)")
    parser.add_argument("--twice", type=int, default=4, help="messages to double (default: %(default)s)")
    parser.add_argument("--slots", type=int, default=4, help="threads of the worker (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which requests it hits (default: %(default)s)")
    parser.add_argument(
        "--timeout",
        type=float,
        default=10.0,
        help="seconds after which a request is lost, beyond what the load should take (default: %(default)s)",
    )
    options = parser.parse_args()
    print(f"celery-threads:{options.slots}, sleep(0), drain:{options.requests}, faults drawn from seed {options.seed}")
    sys.exit(int(not asyncio.run(compare(options))))


if __name__ == "__main__":
    main()
