"""One trial as the session sees it: has a driver forked, reads the other roles' usage meanwhile, and accounts."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from urllib3.exceptions import HTTPError

from harness import registry
from harness.accounting.accounting import RoleReadings, failed_trial, trial_of
from harness.contenders.contender import Assignment, Workers, even_part
from harness.driver.fork_server import DriverProcess, ForkServer
from harness.driver.merge import merged
from harness.driver.messages import (
    Abort,
    BetweenParts,
    LoadProgress,
    Ready,
    Recording,
    StartLoad,
    TrialSpec,
    UsageRead,
    WindowClosed,
    WindowOpened,
)
from harness.driver.remote.fork_server import RemoteDriver, RemoteForkServer
from harness.errors import ServiceError, WorkbenchError
from harness.loads.load import parse_load
from harness.machine.clock import NS
from harness.machine.threads import in_thread
from harness.machine.usage import MachineReading, Reading, read_machine
from harness.plan.plan import CellPlan
from harness.recording.fold import fold_spools
from harness.recording.request_numbers import FIRST, in_one_row
from harness.recording.rows import keep_rows
from harness.results.model import Trial
from harness.services.brokers.broker import Broker, BrokerPlace
from harness.session.called import CalledService
from workloads.workload import Figures, Services

AnyDriver = DriverProcess | RemoteDriver
SILENCE_MOST_S = 15.0
WATCH_S = 0.2
LAST_WORDS_S = 2.0
SEEDS_APART = 1_000_003
"""So that the drivers' arrivals differ from each other and from other rounds'."""


class TrialRun(msgspec.Struct, kw_only=True):
    """One trial: what it runs on, and what became of it."""

    plan: CellPlan
    fork_servers: Sequence[ForkServer | RemoteForkServer]
    """What each driver comes from: a fork server here, or a worker elsewhere."""
    workers: Workers | None
    broker: Broker | None
    place: BrokerPlace | None
    """How the contender reaches the broker."""
    origin: CalledService | None
    """What both sides call."""
    services: Services
    queue: str
    trial_id: int
    """Its number among all trials that the workers may have executed."""
    several: bool
    """Whether a request is several executions."""
    timeout_s: float
    gently: bool
    """Whether the origin is somebody's service, which gets no request beyond those asked for."""
    seed: int
    spool: Path
    stamps: Path | None = None
    """Where to keep the stamps of every request, if at all."""
    cpus: int
    apart: frozenset[str] = frozenset()
    """Roles that are no part of this process's tree."""
    on_rate: Callable[[float, float | None], None]
    unclean: bool = False
    """Whether requests of it may still be under way in the workers."""

    async def run(self, round_number: int, order: int) -> Trial:
        """Run it; whatever happens to driver or workers, there is a trial that says so."""
        drivers: list[AnyDriver] = []
        try:
            for index, fork_server in enumerate(self.fork_servers):
                drivers.append(await fork_server.fork(self._spec(index)))
        except ServiceError as error:  # it has gone; the next trial may find it again
            await _end(drivers)
            return failed_trial(round_number, order, str(error))
        readings = RoleReadings(apart=self.apart)
        try:
            recordings, problem = await self._follow(drivers, readings)
        finally:
            ended = await _end(drivers)
        try:
            if len(recordings) < len(drivers):
                self.unclean = True
                reason = problem or self._workers_dead() or ended or "the driver ended without a report"
                return failed_trial(round_number, order, reason)
            trial = await self._account(round_number, order, recordings, readings)
            trial = msgspec.structs.replace(trial, drivers=[one.at for one in drivers if one.at is not None])
            if trial.status == "measured" and (died := self._workers_dead()) is not None:
                self.unclean = True
                return msgspec.structs.replace(trial, status="failed", error=died)
            return trial
        finally:
            for index in range(len(drivers)):
                self._spool(index).unlink(missing_ok=True)
            if self.broker is not None:
                await in_thread(self._forget_results, self.broker)

    def part_of(self, index: int, driver: AnyDriver) -> str:
        """Where a driver is, and its share of the load."""
        load = parse_load(self.plan.load, self.plan.id)
        part = load.share(index, len(self.fork_servers)) if len(self.fork_servers) > 1 else load
        where = f"{driver.at.name}, " if driver.at is not None else ""
        return f" ({where}{part.text if part else load.text} of {load.text})"

    def _spool(self, index: int) -> Path:
        return self.spool.with_suffix(f".{index}.spool")

    def _spec(self, index: int) -> TrialSpec:
        """What driver `index` is to do: its part of the load, and of the slots where it executes itself."""
        plan, several = self.plan, len(self.fork_servers)
        load = parse_load(plan.load, plan.id)
        part = load.share(index, several) if several > 1 else load
        assert part is not None
        slots = even_part(plan.slots, index, several) if plan.slots and self.workers is None else plan.slots
        counted = load.at_most(plan.requests) is not None
        return TrialSpec(
            contender=plan.contender,
            assignment=Assignment(
                workload=plan.workload,
                tuning=plan.tuning,
                slots=slots,
                services=self.services,
                broker=self.place,
                queue=self.queue,
                workers=[worker.name for worker in self.workers.described()[0]] if self.workers else [],
                trial=self.trial_id,
            ),
            params=plan.params,
            load=part.text,
            warmup_s=0.0 if self.gently and counted and self.origin is not None else plan.warmup_s,
            duration_s=None if plan.requests else plan.duration_s,
            requests=plan.requests,
            timeout_s=self.timeout_s,
            seed=self.seed + SEEDS_APART * index,
            spool=str(self._spool(index)),
            driver=index,
            together=several > 1,
            sampled=any((self.workers, self.broker, self.origin)),
        )

    async def _follow(self, drivers: Sequence[AnyDriver], readings: RoleReadings) -> tuple[list[Recording], str | None]:
        """Listen to the drivers to their end; returns their recordings, else why one is missing."""
        watch = asyncio.create_task(self._watch_workers(drivers))
        together = _Together(self, drivers, readings)
        listening = [asyncio.create_task(together.listen(index)) for index in range(len(drivers))]
        try:
            found = await asyncio.gather(*listening)
        finally:
            watch.cancel()
            for one in listening:
                one.cancel()
        recordings = [recording for recording in found if recording is not None]
        return recordings, together.lost

    async def _watch_workers(self, drivers: Sequence[AnyDriver]) -> None:
        """Tell the drivers when the workers have died: nobody will answer it any more."""
        while self.workers is not None:
            await asyncio.sleep(WATCH_S)
            if (died := self.workers.dead()) is not None:
                for driver in drivers:
                    driver.send(Abort(died))
                await asyncio.sleep(LAST_WORDS_S)
                for driver in drivers:
                    driver.kill()
                return

    async def read(self, readings: RoleReadings, *, memory: bool) -> dict[str, Reading]:
        """Each role's reading, all asked at once; what could not be had is noted with the reason."""
        asked: dict[str, asyncio.Task[Reading | None]] = {}
        if self.workers is not None:
            asked["workers"] = asyncio.create_task(_optional(self.workers.reading(memory=memory)))
        if self.broker is not None:
            asked["broker"] = asyncio.create_task(_optional(in_thread(self.broker.reading)))
        if self.origin is not None and self.origin.is_ours:
            asked["origin"] = asyncio.create_task(in_thread(self.origin.reading, memory))
        found: dict[str, Reading] = {}
        for role, task in asked.items():
            try:
                reading = await task
            except (WorkbenchError, HTTPError, OSError) as error:
                readings.missing[role] = str(error)
            else:
                if reading is not None:
                    found[role] = reading
        if self.origin is not None and not self.origin.is_ours:
            readings.missing["origin"] = "a service that is not the workbench's does not report its usage"
        return found

    async def _account(
        self, round_number: int, order: int, recordings: Sequence[Recording], readings: RoleReadings
    ) -> Trial:
        recording, issued = merged(recordings), [one.issued for one in recordings]
        spools = [self._spool(index) for index in range(len(recordings))]
        fold = await in_thread(
            fold_spools,
            spools,
            recording.opened_ns,
            recording.closed_ns,
            recording.clocks_comparable,
            issued,
            not self.several,
        )
        if self.stamps is not None:
            for index, spool in enumerate(spools):
                target = self.stamps if index == 0 else self.stamps.with_stem(f"{self.stamps.stem}-{index + 1}")
                await in_thread(keep_rows, spool, target)
        trial = trial_of(
            round_number=round_number,
            order=order,
            load=parse_load(self.plan.load, self.plan.id),
            recording=recording,
            fold=fold,
            readings=readings,
            executed=await self._executed(issued),
            slots=self.plan.slots,
            cpus=self.cpus,
            one_execution=registry.load("workload", self.plan.workload).one_execution,
            several=self.several,
        )
        trial = msgspec.structs.replace(trial, extra=self._extra(recording, trial))
        self.unclean = bool(trial.lost) or recording.status == "failed"
        return trial

    def _extra(self, recording: Recording, trial: Trial) -> dict[str, float]:
        """What the workload measures of its own: means over its replies, and what rate and latency amount to."""
        definition = registry.load("workload", self.plan.workload)
        workload = definition(definition.Params(**self.plan.params), self.services, self.seed)
        means = {key: total / count for key, (count, total) in recording.measures.items()}
        if not trial.throughput_per_s or trial.latency_ms is None:
            return means
        served, origin = trial.served, trial.usage.origin
        figures = Figures(
            throughput_per_s=trial.throughput_per_s,
            mean_ms=trial.latency_ms.mean,
            served_per_reply=served.requests / served.seconds / trial.throughput_per_s if served else None,
            connections=origin.connections if origin else None,
        )
        return {**workload.derive(figures), **means}

    def _workers_dead(self) -> str | None:
        return self.workers.dead() if self.workers is not None else None

    async def _executed(self, issued: Sequence[int]) -> NDArray[np.int64] | None:
        """Which requests the workers executed for this trial; None where they do not say."""
        if self.workers is None or self._workers_dead() is not None:
            return None
        try:
            numbers = in_one_row(await self.workers.executed(self.trial_id), issued)
        except WorkbenchError:
            return None
        verified = int(np.count_nonzero(numbers == FIRST))
        return numbers[np.argsort(numbers, kind="stable")][max(0, min(verified, len(issued)) - 1) :]

    def _forget_results(self, broker: Broker) -> None:
        """Results stay until they expire; they are removed here, outside the measured window."""
        with contextlib.suppress(WorkbenchError):  # the broker is gone, which the next trial reports
            broker.forget_results(self.trial_id)
            if self.unclean:
                broker.remove_queue(self.queue)


async def _end(drivers: Sequence[AnyDriver]) -> str | None:
    """End them; how one of them did that was not in order."""
    for driver in drivers:
        driver.kill()
    return next(filter(None, [await driver.ended() for driver in drivers]), None)


async def _optional(reading: Awaitable[Reading]) -> Reading | None:
    """The same, in the type of a role that may have no reading."""
    return await reading


class _Together:
    """The drivers of one trial: what they say, and what all of them must have reached."""

    def __init__(self, run: TrialRun, drivers: Sequence[AnyDriver], readings: RoleReadings) -> None:
        self._run = run
        self._drivers = drivers
        self._readings = readings
        self._ready = self._opened = self._closing = 0
        self.lost: str | None = None
        """Which driver has gone first, with its share of the load."""
        self._rates = [0.0] * len(drivers)
        self._first: dict[str, Reading] = {}
        self._machine: MachineReading | None = None

    async def listen(self, index: int) -> Recording | None:
        """To one of them, to its recording; None where it ends without."""
        driver = self._drivers[index]
        silent_s = max(SILENCE_MOST_S, self._run.timeout_s)
        while True:
            try:
                message = await asyncio.wait_for(driver.receive(), silent_s)
            except TimeoutError:
                self._has_gone(index, f"the driver said nothing for {silent_s:g} s and was ended")
                return None
            if isinstance(message, Recording):
                return message
            if message is None:
                self._has_gone(index, None)
                return None
            if isinstance(message, Ready):
                self._ready += 1
                if self._ready == len(self._drivers):
                    self._begin()
            elif isinstance(message, LoadProgress):
                self._rates[index] = message.done / message.seconds if message.seconds else 0.0
                self._run.on_rate(sum(self._rates), message.latency_ms)
            elif isinstance(message, WindowOpened):
                self._opened += 1
                if self._opened == len(self._drivers):
                    await self._window_opened()
            elif isinstance(message, BetweenParts):
                await self._between()  # such a load has one driver
            elif isinstance(message, WindowClosed):
                self._closing += 1
                if self._closing == len(self._drivers):
                    await self._window_closed()

    def _begin(self) -> None:
        """All at one moment, which lies far enough ahead for all to hear of it."""
        at_ns = time.monotonic_ns() + int(NS * max(driver.lead_s for driver in self._drivers))
        for driver in self._drivers:
            driver.send(StartLoad(at_ns))

    def _has_gone(self, index: int, alone: str | None) -> None:
        """Note it, and have the others end: what they measure is a part of the load."""
        if self.lost is not None:
            return
        if len(self._drivers) == 1 and self._drivers[0].at is None:
            self.lost = alone
            return
        self.lost = (
            f"driver {index + 1} of {len(self._drivers)}{self._run.part_of(index, self._drivers[index])} has gone"
        )
        for driver in self._drivers:
            driver.send(Abort(self.lost))

    async def _window_opened(self) -> None:
        self._first = await self._run.read(self._readings, memory=False)
        self._machine = await in_thread(read_machine)
        self._tell("opened")

    async def _between(self) -> None:
        self._readings.between = await self._run.read(self._readings, memory=False)
        self._tell("between")

    async def _window_closed(self) -> None:
        after = await in_thread(read_machine)
        last = await self._run.read(self._readings, memory=True)
        pairs = {role: (self._first[role], last[role]) for role in self._first if role in last}
        self._readings.pairs = pairs
        self._readings.machine = (self._machine, after) if self._machine and after else None
        self._tell("closed")

    def _tell(self, after: Literal["opened", "between", "closed"]) -> None:
        for driver in self._drivers:
            driver.send(UsageRead(after=after))
