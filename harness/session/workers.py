"""The worker processes of a run: one set for all cells of one contender, slots and broker."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness.contenders.contender import Contender, Workers, WorkersPlace, even_part
from harness.contenders.queues.several import SeveralWorkers
from harness.plan.plan import CellPlan
from harness.recording.ledger import VARIABLE as LEDGER
from harness.results.model import Worker
from harness.services.brokers.broker import DEFAULT, BrokerPlace, BrokerService, kind, kind_of
from harness.services.calls import ask
from harness.services.run_brokers import RunBrokers
from harness.services.terms import Terms
from harness.session.cells import RunCells, worker_key


class RunWorkers:
    """Workers by `worker_key`, created once the brokers run, each with its own queue."""

    def __init__(
        self,
        name: str,
        brokers: RunBrokers,
        env: dict[str, str],
        log: Callable[[str], Path],
        terms: Terms | None = None,
    ) -> None:
        """`name`: of the run. `env`: what the work finds in its environment. `terms`: of those that run already."""
        self._name = name
        self._brokers = brokers
        self._env = env
        self._log = log
        self._terms = terms
        self._workers: dict[str, Workers] = {}
        self._queues: dict[str, str] = {}
        self._beside: dict[str, list[str]] = {}
        """By key, the queues that a contender has beside its own."""

    def make(self, cells: RunCells, ledger: Path | None = None) -> dict[str, Workers]:
        """Workers, not yet started, for all cells whose broker runs and that have none; returns the new ones by key.

        `ledger`: what those are to write that a fault will strike.
        """
        made = {}
        for plan in cells.plans.values():
            key = worker_key(plan)
            if plan.broker is None or plan.broker not in self._brokers or key in self._workers:
                continue
            if not cells.is_supported(plan) or not cells.is_here(plan):
                continue
            contender = cells.contender(plan)
            parts = self._parts(contender, plan, tasks_of(cells, key), ledger)
            if parts:
                together = parts[0] if len(parts) == 1 else SeveralWorkers(parts, in_turn=self._terms is not None)
                self._workers[key] = made[key] = together
                _, *self._beside[key] = contender.queues(self._queues[key])
        return made

    def _parts(
        self, contender: Contender, plan: CellPlan, tasks: tuple[str, ...], ledger: Path | None
    ) -> list[Workers]:
        """Those on each shard of the broker, which share the slots; none where the work runs in the driver.

        In an order that every run has, however it was given the shards.
        """
        key, broker = worker_key(plan), plan.broker or DEFAULT
        shards = self._brokers.shards(broker)
        parts = []
        for number, shard in sorted(enumerate(shards), key=lambda each: place_in_turn(each[1])):
            place = msgspec.structs.replace(
                self.place(key, broker, number), broker=contender.broker_place(shard), tasks=tasks
            )
            if plan.has_fault:
                place = msgspec.structs.replace(place, env=place.env | {LEDGER: str(ledger)})
            slots = plan.slots and even_part(plan.slots, number, len(shards))
            if (workers := contender.workers(slots, place)) is not None:
                parts.append(workers)
        return parts

    def place(self, key: str, broker: str = DEFAULT, shard: int = 0) -> WorkersPlace:
        """Where the workers of that key belong, once the broker runs."""
        name = re.sub("[:@+]", "-", key)
        shards = self._brokers.shards(broker)
        reached = shards[shard].place
        queue = self._queues.setdefault(key, self._queue_name(name, reached))
        return WorkersPlace(
            broker=reached,
            queue=queue,
            log=self._log(f"{name}-{shard + 1}" if shard else name),
            env=self._env,
            terms=self._terms,
            shard=f"shard {shard + 1} ({reached.url})" if len(shards) > 1 else "",
        )

    def _queue_name(self, name: str, broker: BrokerPlace) -> str:
        """A name that no other run has, where that is needed."""
        if self._terms is not None:
            return f"{self._name}:{name}"
        if not kind(kind_of(broker.url)).names_are_shared:
            return name
        return f"workbench-{self._name.rpartition(':')[2]}-{name}"

    def queues(self) -> list[str]:
        """All queues."""
        return [*self._queues.values(), *(queue for queues in self._beside.values() for queue in queues)]

    def names(self) -> list[str]:
        """Their keys."""
        return list(self._workers)

    def all(self) -> list[Workers]:
        """All of them."""
        return list(self._workers.values())

    def of(self, plan: CellPlan) -> Workers | None:
        """Those that execute a cell's work; None if its drivers do."""
        return self._workers.get(worker_key(plan))

    def beside(self, plan: CellPlan) -> tuple[str, ...]:
        """Further queues in which a cell's work waits."""
        return tuple(self._beside.get(worker_key(plan), ()))

    def queue_of(self, plan: CellPlan) -> str:
        """Where a cell's work waits; empty where it does not."""
        return self._queues.get(worker_key(plan), "")

    def described(self, plan: CellPlan) -> tuple[list[Worker], dict[str, Any]]:
        """Those that execute a cell's work, and the settings that they report; nothing where there are none."""
        workers = self.of(plan)
        return workers.described() if workers is not None else ([], {})

    def take_slots(self, cells: RunCells) -> None:
        """Give cells the slots of the external workers that responded, whatever their plans ask for.

        Where a contender is asked for with several numbers of slots, cells of another number are skipped.
        """
        slots = {key: workers.described()[1]["slots"] for key, workers in self._workers.items()}
        asked: dict[str, set[int | None]] = {}
        for plan in cells.plans.values():
            asked.setdefault(plan.contender, set()).add(plan.slots)
        for plan in list(cells.plans.values()):
            key = worker_key(plan)
            if key not in slots or slots[key] == plan.slots:
                continue
            if len(asked[plan.contender]) > 1:
                cells.skip([plan], f"the workers that responded have {slots[key]} slots")
                continue
            adapted = msgspec.structs.replace(plan, slots=slots[key])
            cells.replace(adapted)
            self._workers[worker_key(adapted)] = self._workers[key]
            self._queues[worker_key(adapted)] = self._queues[key]

    def with_slots(self, plan: CellPlan) -> CellPlan:
        """A cell as its workers are now: those outside the run may have become more or fewer since it was planned."""
        workers = self.of(plan)
        if self._terms is None or workers is None:
            return plan
        return msgspec.structs.replace(plan, slots=workers.described()[1].get("slots", plan.slots))

    async def remove_queues(self, cells: RunCells) -> None:
        """The run's queues on brokers that are not the run's own, which would keep them."""
        removing = [ask(broker.peer, broker.remove_queue, queue) for broker, queue in self._kept_queues(cells)]
        await asyncio.gather(*removing, return_exceptions=True)  # one fails where the broker is gone

    def _kept_queues(self, cells: RunCells) -> Iterator[tuple[BrokerService, str]]:
        brokers = {worker_key(plan): plan.broker for plan in cells.plans.values()}
        for key, queue in self._queues.items():
            if (name := brokers.get(key)) is not None:
                given = [broker for broker in self._brokers.shards(name) if not broker.describe().own]
                yield from ((broker, each) for broker in given for each in (queue, *self._beside.get(key, ())))


def place_in_turn(shard: BrokerService) -> tuple[str, str]:
    """Two may have one name."""
    return shard.identity, str(shard.place.url)


def tasks_of(cells: RunCells, key: str) -> tuple[str, ...]:
    """The workloads that the workers of that key are to execute; of those that cannot be, the import may fail."""
    plans = [plan for plan in cells.plans.values() if worker_key(plan) == key and cells.is_supported(plan)]
    return tuple(sorted({plan.workload for plan in plans}))
