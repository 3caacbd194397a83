"""The roles of a trial other than its drivers: usage is read during the trial, executions at its end."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from harness.accounting.usage import RoleReadings
from harness.contenders.celery.fleet.leasing import has_given_up
from harness.contenders.contender import Workers
from harness.errors import ServiceError, WorkbenchError
from harness.machine.cores import cpu_ids
from harness.machine.host import MachineReading, read_machine
from harness.machine.standstill import Standstill
from harness.machine.threads import in_thread
from harness.machine.usage import Reading, boot_id
from harness.recording.executed import Executed
from harness.recording.request_numbers import FIRST, in_one_row
from harness.services.brokers.broker import BrokerService
from harness.services.calls import ask, give_up
from harness.session.called import CalledService
from harness.session.serving import Fault, Serving
from harness.session.tampering import Tampering

NOT_OURS = "a service that is not the workbench's does not report its usage"


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """The participants of a trial other than its drivers."""

    workers: Workers | None = None
    broker: BrokerService | None = None
    called: CalledService | None = None
    """The service that both sides call."""
    serving: Serving = Serving({})
    """All services of the trial, also what keeps the results of a broker that does not."""
    tampering: Tampering = Tampering(None, "")
    """What others do to the broker meanwhile."""
    beside: tuple[str, ...] = ()
    """Further queues in which the trial's requests wait."""
    apart: frozenset[str] = frozenset()
    """Roles that are no part of this process's tree."""
    elsewhere: frozenset[str] = frozenset()
    """Roles that run on another machine, or may do so, and do not report where they run."""

    @property
    def sampled(self) -> bool:
        """Whether there is one whose usage is read."""
        return any((self.workers, self.broker, self.called))

    def worker_names(self) -> tuple[str, ...] | None:
        """Names of the workers; None if there are none."""
        return tuple(worker.name for worker in self.workers.described()[0]) if self.workers is not None else None

    def cpu_models(self) -> list[str | None]:
        """Processors of the workers, as far as they say."""
        return [worker.cpu_model for worker in self.workers.described()[0]] if self.workers is not None else []

    def workers_dead(self) -> str | None:
        """Why the workers cannot serve any more; None while they run, or where there are none."""
        return self.workers.dead() if self.workers is not None else None

    def gone(self) -> Fault | None:
        """How one of them has ended, the one first that others depend on; None while all run."""
        if (fault := self.serving.gone()) is not None:
            return fault
        return Fault(reason) if (reason := self.workers_dead()) is not None else None

    def stopped(self) -> Fault | None:
        """Which process of theirs a signal has stopped, as far as that can be seen from here; None if none."""
        if (fault := self.serving.stopped()) is not None or self.workers is None:
            return fault
        return Fault(reason) if (reason := self.workers.stopped()) is not None else None

    async def silent(self) -> Fault | None:
        """Why one of them does not serve although it runs; None if all answer, and nothing was taken from them.

        Workers from which a queue is taken may connect again, and be silent for that; those that have given up this
        run have removed it themselves.
        """
        of_service, of_workers, of_queue = await asyncio.gather(
            self.serving.silent(), self._silent_workers(), self.tampering.keys_gone()
        )
        gave_up = of_workers is not None and has_given_up(of_workers.reason)
        return of_service or (of_workers if gave_up else of_queue or of_workers)

    async def fault(self) -> Fault | None:
        """What of all this no longer serves; None if all do.

        Workers elsewhere are known by their answers alone: where a service is silent, so are they, for that reason.
        """
        if (gone := self.serving.gone()) is not None:
            return gone
        if (dead := self.workers_dead()) is not None:
            return await self.serving.silent() or Fault(dead)
        return await self.silent()

    async def _silent_workers(self) -> Fault | None:
        if self.workers is None or (reason := await self.workers.silent()) is None:
            return None
        return Fault(reason)

    async def executed(self, trial_id: int, issued: Sequence[int]) -> Executed | None:
        """What the workers executed; None if they do not say.

        `issued`: how many requests each driver issued.
        """
        if self.workers is None or self.workers_dead() is not None:
            return None
        try:
            executed = await self.workers.executed(trial_id)
        except WorkbenchError:
            return None
        return executed._replace(numbers=_verified_once(in_one_row(executed.numbers, issued), len(issued)))

    async def waiting(self, queue: str) -> int:
        """How many messages wait in the trial's queue; 0 where it has none, or where the broker does not say."""
        if self.broker is None or not queue:
            return 0
        try:
            return await ask(self.broker.peer, self.broker.waiting, queue)
        except ServiceError:
            return 0

    async def forget(self, trial_id: int, queue: str, *, unclean: bool) -> None:
        """Delete the trial's results, outside the measured window, rather than when they expire.

        `unclean`: its requests may still wait, so that the queue goes too.
        """
        if self.broker is None:
            return
        with contextlib.suppress(ServiceError):  # the broker has gone, which the next trial reports
            await ask(self.broker.peer, self.broker.forget_results, trial_id, unclean)
            if unclean:
                for each in (queue, *self.beside):
                    await ask(self.broker.peer, self.broker.remove_queue, each)


def _verified_once(numbers: NDArray[np.int64], drivers: int) -> NDArray[np.int64]:
    """Sorted; the first requests, of which each driver verifies one, count as a single request."""
    verified = min(int(np.count_nonzero(numbers == FIRST)), drivers)
    return np.sort(numbers, kind="stable")[max(0, verified - 1) :]


class RoleReader:
    """Reads every role's usage at the moments of a trial, all roles at once."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles
        self._first: dict[str, Reading] = {}
        self._between: dict[str, Reading] = {}
        self._last: dict[str, Reading] = {}
        self._memory_mb: dict[str, dict[str, float]] = {}
        """At moments of the load: name → role → megabytes."""
        self._machine: list[MachineReading | None] = []
        self._standstill = Standstill()
        self._frozen_s: float | None = None
        self._wall_apart_s = 0.0
        self._missing: dict[str, str] = {}

    async def opened(self) -> None:
        """The measured window is open."""
        self._first = await self._read()
        self._machine = [await in_thread(read_machine)]
        self._standstill.start()

    def processes_of(self, role: str) -> list[int]:
        """Ids of the role's processes when the window opened; of several workers, each says its own."""
        first = self._first.get(role)
        return [int(name.rpartition(".")[2]) for name in first.cpu_each] if first is not None else []

    async def between(self) -> None:
        """A load of two parts is between them."""
        self._between = await self._read()

    async def memory_at(self, name: str) -> None:
        """The load is at a moment of that name; who does not answer then may still do so at the window's end."""
        missing = dict(self._missing)
        read = await self._read(memory=True)
        self._missing = missing
        self._memory_mb[name] = {
            role: reading.memory_mb for role, reading in read.items() if reading.memory_mb is not None
        }

    async def closed(self) -> None:
        """The measured window has closed."""
        self._frozen_s = self._standstill.stop()
        self._machine.append(await in_thread(read_machine))
        self._last = await self._read()

    async def memory(self) -> None:
        """After the window, apart: it takes about a millisecond a process, in which others would be kept waiting."""
        for role, reading in (await self._read(memory=True)).items():
            if role in self._last:
                self._last[role] = msgspec.structs.replace(
                    self._last[role],
                    memory_mb=reading.memory_mb,
                    memory_kind=reading.memory_kind,
                    connections=reading.connections,
                )

    def end(self) -> None:
        """No further moment comes: the trial is over, or was broken off."""
        self._standstill.stop()

    def readings(self, walls_apart_s: Sequence[float] = ()) -> RoleReadings:
        """What came of it; a role that could not be read is missing, with the reason.

        `walls_apart_s`: by how much the wall clocks of drivers and of this machine differ.
        """
        machine = [reading for reading in self._machine if reading is not None]
        return RoleReadings(
            pairs={role: (first, self._last[role]) for role, first in self._first.items() if role in self._last},
            between=self._between,
            memory_mb=self._memory_mb,
            missing=self._missing,
            frozen_s=self._frozen_s,
            wall_apart_s=max(self._wall_apart_s, *walls_apart_s, 0.0),
            machine=(machine[0], machine[1]) if len(machine) == 2 else None,
            apart=self._roles.apart,
            elsewhere=self._roles.elsewhere,
            boot_id=boot_id(),
            cpu_ids=cpu_ids(),
        )

    async def _read(self, *, memory: bool = False) -> dict[str, Reading]:
        readings: dict[str, Reading] = {}
        asked_s = time.time()
        asked = self._asked(memory=memory)
        try:
            for role, reading in asked.items():
                try:
                    answer = await reading
                except (WorkbenchError, OSError) as error:
                    self._missing[role] = str(error)
                else:
                    if answer is not None:
                        readings[role] = answer
                        self._note_walls(answer.walls_s, asked_s)
        finally:
            await give_up(asked.values())  # of those that were not waited for
        if self._roles.called is not None and not self._roles.called.is_ours:
            self._missing["origin"] = NOT_OURS
        return readings

    def _note_walls(self, walls_s: Sequence[float], asked_s: float) -> None:
        """By how much a wall clock of another machine lies outside the time in which it was read."""
        now_s = time.time()
        for wall_s in walls_s:
            self._wall_apart_s = max(self._wall_apart_s, asked_s - wall_s, wall_s - now_s)

    def _asked(self, *, memory: bool) -> dict[str, asyncio.Task[Reading | None]]:
        """Role → its reading, under way."""
        roles = self._roles
        asked: dict[str, Awaitable[Any]] = {}
        if roles.workers is not None:
            asked["workers"] = roles.workers.reading(memory=memory)
        if roles.broker is not None:
            asked["broker"] = ask(roles.broker.peer, roles.broker.reading)
        if roles.called is not None and roles.called.is_ours:
            asked["origin"] = ask(roles.called.peer, roles.called.reading, memory)
        return {role: asyncio.ensure_future(reading) for role, reading in asked.items()}
