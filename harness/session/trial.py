"""One trial as the session sees it: drivers are forked and followed, and what they recorded is accounted."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from harness import registry
from harness.accounting.trial import TrialConditions, TrialRecords, failed_trial, trial_of
from harness.contenders.contender import contender_of, even_part
from harness.driver.merge import merged
from harness.driver.messages import Recording, TrialSpec
from harness.errors import ServiceError
from harness.jobs import registered
from harness.jobs.agreement import learn
from harness.machine.cores import cores, cpus
from harness.machine.threads import in_thread
from harness.progress.progress import WindowState
from harness.recording.fold import fold_spools
from harness.recording.rows import keep_rows
from harness.results.model import Trial
from harness.session.driver_spec import TrialWork, spec_of
from harness.session.following import Driver, Following
from harness.session.hiding import without_secrets
from harness.session.roles import RoleReader, Roles
from harness.session.watching import watch
from workloads.workload import Figures, Places, Workload


class DriverSource(Protocol):
    """Creates drivers: a fork server on this machine, or a worker on another one."""

    async def fork(self, spec: TrialSpec) -> Driver:
        """A fresh driver that does what `spec` says; raises ServiceError if it does not answer."""
        ...


class Ran(msgspec.Struct, frozen=True):
    """The outcome of a trial."""

    trial: Trial
    unclean: bool = False
    """Whether requests of it may still be under way in the workers."""


class TrialRun(msgspec.Struct, frozen=True, kw_only=True):
    """One trial: what is to be done, who does it, who else takes part."""

    round: int
    order: int
    """Among all trials of the run."""
    work: TrialWork
    sources: Sequence[DriverSource]
    """One a driver."""
    roles: Roles
    stamps: Path | None = None
    """Where to keep the stamps of every request, if at all."""
    on_rate: Callable[[float, float | None], None]
    """Called with requests a second so far, and the middle latency of the last ones in ms."""
    on_window: Callable[[WindowState], None]
    """Called when the measured window has opened, and when it has closed."""

    async def run(self) -> Ran:
        """Run it; if drivers or workers fail, the returned trial says so."""
        drivers: list[Driver] = []
        try:
            for index, source in enumerate(self.sources):
                drivers.append(await source.fork(spec_of(self.work, index)))
        except ServiceError as error:  # it has gone; the next trial may find it again
            await _end(drivers)
            return Ran(failed_trial(self.round, self.order, str(error)))
        reader = RoleReader(self.roles)
        following = Following(drivers, reader, self._shares(), self.work.timeout_s, self.on_rate, self.on_window)
        try:
            recordings = await self._follow(following, drivers)
        finally:
            reader.end()
            ended = await _end(drivers)
        ran: Ran | None = None
        try:
            if len(recordings) < len(drivers):
                reason = following.gone or self.roles.gone() or ended or "the driver ended without a report"
                ran = Ran(failed_trial(self.round, self.order, reason), unclean=True)
            else:
                ran = await self._account(drivers, recordings, reader)
            return ran
        finally:
            await self._tidy(unclean=ran is not None and ran.unclean)

    def _shares(self) -> list[str]:
        """Each driver's part of the load, in words."""
        whole = self.work.load.text
        return [f"{self.work.load_of(index).text} of {whole}" for index in range(self.work.drivers)]

    async def _follow(self, following: Following, drivers: Sequence[Driver]) -> list[Recording]:
        """Listen to the drivers to their end, while what they depend on is watched."""
        watching = asyncio.create_task(watch(self.roles, following, drivers, self.work.plan.most_s))
        try:
            return await following.to_the_end()
        finally:
            watching.cancel()

    async def _account(self, drivers: Sequence[Driver], recordings: Sequence[Recording], reader: RoleReader) -> Ran:
        recording = self._agreed(without_secrets(merged(recordings), self.work))
        issued = [part.issued for part in recordings]
        fold = await in_thread(
            fold_spools,
            self.work.spools(),
            recording.opened_ns,
            recording.closed_ns,
            recording.clocks_comparable,
            issued,
            not self.work.several,
        )
        await self._keep_stamps()
        records = TrialRecords(
            recording=recording,
            fold=fold,
            readings=reader.readings(),
            executed=await self.roles.executed(self.work.trial_id, issued),
        )
        trial = trial_of(self.round, self.order, self._conditions(), records)
        elsewhere = [driver.at for driver in drivers if driver.at is not None]
        trial = msgspec.structs.replace(
            trial,
            extra=self._extra(recording, trial),
            drivers=elsewhere,
            issued=recording.issued + len(recordings),
            look=recording.look,
        )
        unclean = bool(trial.lost) or recording.status == "failed"
        if trial.status == "measured" and (died := self.roles.workers_dead()) is not None:
            return Ran(msgspec.structs.replace(trial, status="failed", error=died), unclean=True)
        return Ran(trial, unclean)

    def _agreed(self, recording: Recording) -> Recording:
        """Disqualified where a reply differs from that of an earlier trial to the same payload, of either side."""
        plan = self.work.plan
        if recording.status != "measured" or registered.find(plan.workload) is None:
            return recording
        fault = learn(plan.workload, recording.replies, str(plan.spec))
        return (
            recording
            if fault is None
            else msgspec.structs.replace(recording, status="disqualified", error=f"a reply was wrong: {fault}")
        )

    def _conditions(self) -> TrialConditions:
        plan, workload = self.work.plan, self._workload()
        return TrialConditions(
            load=self.work.load,
            slots=plan.slots,
            cpus=cpus(),
            cores=cores(),
            one_execution=workload.one_execution,
            several=self.work.several,
            in_driver=self.work.workers is None,
            ideal_s=workload.ideal_s,
            at_once=self._places(workload),
            origin_ms=workload.origin_ms,
            origin_requests=workload.origin_requests,
            cpu_s=workload.cpu_s,
        )

    def _places(self, workload: Workload[Any]) -> Places | None:
        """The work's own limit; where drivers execute it, that of all of them together."""
        plan, drivers = self.work.plan, self.work.drivers
        side = contender_of(plan.contender, plan.tuning).side
        if self.work.workers is not None:
            return workload.at_once(side, plan.slots)
        parts = [even_part(plan.slots, driver, drivers) if plan.slots else None for driver in range(drivers)]
        places = [found for part in parts if (found := workload.at_once(side, part)) is not None]
        return places[0]._replace(number=sum(found.number for found in places)) if places else None

    def _workload(self) -> Workload[Any]:
        plan = self.work.plan
        definition = registry.load("workload", plan.workload)
        workload: Workload[Any] = definition(definition.Params(**plan.params), self.work.services, self.work.seed)
        return workload

    async def _keep_stamps(self) -> None:
        """One file a driver: the second one's is named `STEM-2`."""
        if self.stamps is None:
            return
        for index, spool in enumerate(self.work.spools()):
            target = self.stamps if index == 0 else self.stamps.with_stem(f"{self.stamps.stem}-{index + 1}")
            await in_thread(keep_rows, spool, target)

    def _extra(self, recording: Recording, trial: Trial) -> dict[str, float]:
        """The workload's figures: means of `measure` over the replies, and those of `derive`."""
        means = {key: total / count for key, (count, total) in recording.measures.items()}
        if not trial.throughput_per_s or trial.latency_ms is None:
            return means
        served, origin = trial.served, trial.usage.origin
        figures = Figures(
            throughput_per_s=trial.throughput_per_s,
            mean_ms=trial.latency_ms.mean,
            served_per_reply=served.counted / served.seconds / trial.throughput_per_s if served else None,
            connections=origin.connections if origin else None,
        )
        return {**self._workload().derive(figures), **means}

    async def _tidy(self, *, unclean: bool) -> None:
        """Nothing of it is left: neither spools nor results."""
        for spool in self.work.spools():
            spool.unlink(missing_ok=True)
        await self.roles.forget(self.work.trial_id, self.work.queue, unclean=unclean)


async def _end(drivers: Sequence[Driver]) -> str | None:
    """Stop them; returns how the first one ended that did not exit normally."""
    for driver in drivers:
        driver.kill()
    endings = [await driver.ended() for driver in drivers]
    return next((ending for ending in endings if ending is not None), None)
