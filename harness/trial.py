"""One trial as the session sees it: has a driver forked, reads the other roles' usage meanwhile, and accounts."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from redis.exceptions import RedisError
from urllib3.exceptions import HTTPError

from harness.accounting import RoleReadings, failed_trial, trial_of
from harness.broker import Broker
from harness.contender import Assignment, Workers
from harness.errors import WorkbenchError
from harness.fold import fold_spool, keep_rows
from harness.load import parse_load
from harness.model import Trial
from harness.origin_process import Origin
from harness.plan import CellPlan
from harness.protocol import Abort, Closing, Opened, Progress, Recording, Sampled, TrialSpec
from harness.threads import in_thread
from harness.usage import MachineReading, Reading, read_machine
from harness.warm import DriverProcess, Warm
from workloads.workload import Services

SILENCE_MOST_S = 15.0
WATCH_S = 0.2
LAST_WORDS_S = 2.0


class TrialRun(msgspec.Struct, kw_only=True):
    """One trial: what it runs on, and what became of it."""

    plan: CellPlan
    warm: Warm
    workers: Workers | None
    broker: Broker | None
    origin: Origin | None
    services: Services
    key_prefix: str
    queue: str
    trial_id: int
    """Its number among all trials that the workers may have executed."""
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
        driver = await self.warm.fork(self._spec())
        readings = RoleReadings(apart=self.apart)
        try:
            recording, problem = await self._follow(driver, readings)
        finally:
            driver.kill()
        ended = await driver.ended()
        try:
            if recording is None:
                self.unclean = True
                reason = problem or self._workers_dead() or ended or "the driver ended without a report"
                return failed_trial(round_number, order, reason)
            trial = await self._account(round_number, order, recording, readings)
            if trial.status == "measured" and (died := self._workers_dead()) is not None:
                self.unclean = True
                return msgspec.structs.replace(trial, status="failed", error=died)
            return trial
        finally:
            self.spool.unlink(missing_ok=True)
            if self.broker is not None:
                await in_thread(self._forget_results, self.broker)

    def _spec(self) -> TrialSpec:
        plan = self.plan
        counted = parse_load(plan.load, plan.id).at_most(plan.requests) is not None
        return TrialSpec(
            contender=plan.contender,
            assignment=Assignment(
                workload=plan.workload,
                slots=plan.slots,
                services=self.services,
                broker_url=self.broker.url if self.broker else None,
                key_prefix=self.key_prefix,
                queue=self.queue,
                workers=[worker.name for worker in self.workers.described()[0]] if self.workers else [],
                trial=self.trial_id,
            ),
            params=plan.params,
            load=plan.load,
            warmup_s=0.0 if self.gently and counted and self.origin is not None else plan.warmup_s,
            duration_s=None if plan.requests else plan.duration_s,
            requests=plan.requests,
            timeout_s=self.timeout_s,
            seed=self.seed,
            spool=str(self.spool),
            sampled=any((self.workers, self.broker, self.origin)),
        )

    async def _follow(self, driver: DriverProcess, readings: RoleReadings) -> tuple[Recording | None, str | None]:
        """Listen to the driver to its end; returns its recording, else why there is none."""
        watch = asyncio.create_task(self._watch_workers(driver))
        first: dict[str, Reading] = {}
        machine: MachineReading | None = None
        try:
            while True:
                message = await asyncio.wait_for(driver.receive(), max(SILENCE_MOST_S, self.timeout_s))
                if message is None:
                    return None, None
                if isinstance(message, Recording):
                    return message, None
                if isinstance(message, Progress):
                    self.on_rate(message.done / message.seconds if message.seconds else 0.0, message.latency_ms)
                elif isinstance(message, Opened):
                    first, machine = await self._read(readings, memory=False), await in_thread(read_machine)
                    driver.send(Sampled(closing=False))
                elif isinstance(message, Closing):
                    after = await in_thread(read_machine)
                    last = await self._read(readings, memory=True)
                    readings.pairs = {role: (first[role], last[role]) for role in first if role in last}
                    readings.machine = (machine, after) if machine and after else None
                    driver.send(Sampled(closing=True))
        except TimeoutError:
            return None, f"the driver said nothing for {max(SILENCE_MOST_S, self.timeout_s):g} s and was ended"
        finally:
            watch.cancel()

    async def _watch_workers(self, driver: DriverProcess) -> None:
        """Tell the driver when the workers have died: nobody will answer it any more."""
        while self.workers is not None:
            await asyncio.sleep(WATCH_S)
            if (died := self.workers.dead()) is not None:
                driver.send(Abort(died))
                await asyncio.sleep(LAST_WORDS_S)
                driver.kill()
                return

    async def _read(self, readings: RoleReadings, *, memory: bool) -> dict[str, Reading]:
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
            except (WorkbenchError, RedisError, HTTPError, OSError) as error:
                readings.missing[role] = str(error)
            else:
                if reading is not None:
                    found[role] = reading
        if self.origin is not None and not self.origin.is_ours:
            readings.missing["origin"] = "a service that is not the workbench's does not report its usage"
        return found

    async def _account(self, round_number: int, order: int, recording: Recording, readings: RoleReadings) -> Trial:
        fold = await in_thread(
            fold_spool,
            self.spool,
            recording.opened_ns,
            recording.closed_ns,
            recording.clocks_comparable,
            recording.issued,
        )
        if self.stamps is not None:
            await in_thread(keep_rows, self.spool, self.stamps)
        trial = trial_of(
            round_number=round_number,
            order=order,
            load=parse_load(self.plan.load, self.plan.id),
            recording=recording,
            fold=fold,
            readings=readings,
            executed=await self._executed(),
            slots=self.plan.slots,
            cpus=self.cpus,
        )
        self.unclean = bool(trial.lost) or recording.status == "failed"
        return trial

    def _workers_dead(self) -> str | None:
        return self.workers.dead() if self.workers is not None else None

    async def _executed(self) -> NDArray[np.int64] | None:
        """Which requests the workers executed for this trial; None where they do not say."""
        if self.workers is None or self._workers_dead() is not None:
            return None
        try:
            return await self.workers.executed(self.trial_id)
        except WorkbenchError:
            return None

    def _forget_results(self, broker: Broker) -> None:
        """Results stay in Redis until they expire; they are removed here, outside the measured window."""
        try:
            broker.remove_keys(f"celery-task-meta-{self.trial_id}.")
            if self.unclean:
                broker.remove_keys(self.queue)
        except RedisError:
            pass  # the broker is gone, which the next trial reports


async def _optional(reading: Awaitable[Reading]) -> Reading | None:
    """The same, in the type of a role that may have no reading."""
    return await reading
