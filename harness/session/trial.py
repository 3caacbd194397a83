"""One trial as the session sees it: drivers are forked and followed, and what they recorded is accounted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness import registry
from harness.accounting.conditions import TrialConditions
from harness.accounting.trial import TrialRecords, failed_trial, trial_of
from harness.contenders.contender import contender_of
from harness.contenders.sides.places import places_of
from harness.driver.merge import merged
from harness.driver.messages import Recording
from harness.errors import ServiceError
from harness.jobs import registered
from harness.jobs.agreement import learn
from harness.machine.cores import cores, cpus
from harness.machine.sampling.samplers import sampler
from harness.machine.threads import in_thread
from harness.progress.progress import WindowState
from harness.recording.folded import Folded
from harness.recording.parts import has_parts, parts_of
from harness.recording.reconciliation import never_executed, unanswered
from harness.recording.rows import keep_rows
from harness.results.model import Trial
from harness.session.driver_spec import TrialWork
from harness.session.folding import fold_all, terms_of
from harness.session.following import Driver, Following
from harness.session.foreign import doubts_of_others
from harness.session.forking import DriverSource, end_all, fork_all
from harness.session.hiding import without_secrets
from harness.session.profiling import ProfilingReader
from harness.session.roles import RoleReader, Roles
from harness.session.serving import Fault
from harness.session.tampering import Losses
from harness.session.watching import Watch
from harness.statistics.profile_doubts import of_profile
from harness.statistics.resource_doubts import UNACCOUNTED
from workloads.workload import Figures, PartFigures, Workload


class Ran(msgspec.Struct, frozen=True):
    """The outcome of a trial."""

    trial: Trial
    unclean: bool = False
    """Whether requests of it may still be under way in the workers."""
    fault: Fault | None = None
    """What it failed of, where that is something that it depends on."""

    forget: Callable[[], Awaitable[None]] | None = None
    """Removes what it left on a broker that did not serve; None where that has been done."""


def because(ran: Ran, fault: Fault | None) -> Ran:
    """The same, failed of that fault; as it is where there is none."""
    if fault is None:
        return ran
    said = ran.trial.error if ran.trial.status == "failed" else None
    error = fault.reason if said is None or said.startswith(fault.reason) else f"{fault.reason}\n{said}"
    trial = msgspec.structs.replace(ran.trial, status="failed", error=error)
    return msgspec.structs.replace(ran, trial=trial, unclean=True, fault=fault)


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
    stacks: Path | None = None
    """Where to keep the folded stacks of drivers and workers, if they are sampled."""
    on_rate: Callable[[float, float | None], None]
    """Called with requests a second so far, and the middle latency of the last ones in ms."""
    on_window: Callable[[WindowState], None]
    """Called when the measured window has opened, and when it has closed."""

    async def run(self) -> Ran:
        """Run it; if drivers or workers fail, the returned trial says so."""
        await self.roles.tampering.begin()
        before = await self.roles.waiting(self.work.queue)
        await self.roles.executed(self.work.trial_id, [0])  # what came before is no matter of this trial
        try:
            drivers = await fork_all(self.sources, self.work)
        except ServiceError as error:  # it has gone; the next trial may find it again
            return because(Ran(failed_trial(self.round, self.order, str(error))), await self.roles.fault())
        reader = RoleReader(self.roles)
        profiling = self._profiling(reader, drivers)
        following = Following(
            drivers, profiling or reader, self._shares(), self.work.timeout_s, self.on_rate, self.on_window
        )
        watch = Watch(self.roles, following, drivers, self.work.plan.most_s)
        try:
            recordings = await self._follow(following, watch)
            folded = await self._fold(following, drivers, recordings)
        finally:
            reader.end()
            if profiling is not None:
                await profiling.end()
            endings = await end_all(drivers)
        ran: Ran | None = None
        try:
            if folded is None:
                fault = watch.fault or await self.roles.fault()  # for want of it, a driver may have ended
                ended = next((ending for ending in endings if ending is not None), "the driver ended without a report")
                reason = following.reason(endings) or (fault and fault.reason) or ended
                ran = because(Ran(failed_trial(self.round, self.order, reason), unclean=True), fault)
            else:
                ran = await self._account(drivers, recordings, folded, reader, watch.fault, before)
                if profiling is not None:
                    ran = msgspec.structs.replace(ran, trial=await self._with_profile(ran.trial, profiling))
            if ran.fault is not None and ran.fault.service is not None:  # it is not asked for anything now
                ran = msgspec.structs.replace(ran, forget=self.forget)
            return ran
        finally:
            await self._tidy(ran)

    def _profiling(self, reader: RoleReader, drivers: Sequence[Driver]) -> ProfilingReader | None:
        if self.stacks is None:
            return None
        return ProfilingReader(reader, drivers, sampler(), self.work.spool.parent)

    async def _with_profile(self, trial: Trial, profiling: ProfilingReader) -> Trial:
        """With what was sampled; the CPU of the samplers is on purpose nobody's."""
        if self.stacks is None:
            return trial
        has_workers = self.work.workers is not None
        found = await in_thread(profiling.profile, self.work.plan.workload, has_workers, self.stacks)
        kept = [doubt for doubt in trial.doubts if doubt.kind != UNACCOUNTED]
        return msgspec.structs.replace(trial, profile=found, doubts=[*kept, *of_profile(found, trial.usage)])

    def _shares(self) -> list[str]:
        """Each driver's part of the load, in words."""
        whole = self.work.load.text
        return [f"{self.work.load_of(index).text} of {whole}" for index in range(self.work.drivers)]

    async def _follow(self, following: Following, watch: Watch) -> list[Recording]:
        """Listen to the drivers to their end, while what they depend on is watched."""
        watching = asyncio.create_task(watch.run())
        try:
            return await following.to_the_end()
        finally:
            watching.cancel()

    async def _fold(
        self, following: Following, drivers: Sequence[Driver], recordings: Sequence[Recording]
    ) -> Folded | None:
        """What all drivers' rows amount to; None where one of them does not say, for a reason that `following` has."""
        if len(recordings) < len(drivers):
            return None
        terms = terms_of(self.work, merged(recordings))
        rows = self.stamps is not None or has_parts(self._workload())  # parts are told from the numbers of requests
        try:
            return await fold_all(drivers, recordings, terms, rows=rows)
        except ServiceError as error:
            following.give_up(str(error))
            return None

    async def _account(
        self,
        drivers: Sequence[Driver],
        recordings: Sequence[Recording],
        fold: Folded,
        reader: RoleReader,
        fault: Fault | None,
        before: int,
    ) -> Ran:
        """The trial of these recordings; `fault`: for which it was ended; `before`: messages that waited at first."""
        recording = self._agreed(without_secrets(merged(recordings), self.work))
        issued = [part.issued for part in recordings]
        window = recording.opened_ns, recording.closed_ns
        parts = await in_thread(parts_of, self.work.spools(), *window, self._workload())
        await self._keep_stamps()
        if fold.counts.lost and fault is None:
            await self.roles.tampering.look()
        executed = await self.roles.executed(self.work.trial_id, issued) if fault is None else None
        records = TrialRecords(
            recording=recording,
            fold=fold,
            parts=parts,
            readings=reader.readings([driver.wall_apart_s for driver in drivers]),
            executed=executed.numbers if executed is not None else None,
            held=executed.held if executed is not None else 0,
        )
        trial = trial_of(self.round, self.order, self._conditions(), records)
        foreign = await doubts_of_others(self.work, self.roles, trial, executed, before)
        trial = msgspec.structs.replace(
            trial,
            doubts=[*trial.doubts, *foreign],
            extra=self._extra(recording, trial, parts),
            drivers=[driver.at for driver in drivers if driver.at is not None],
            issued=recording.issued + len(recordings),
            look=recording.look,
        )
        ran = Ran(trial, unclean=bool(trial.lost) or recording.status == "failed")
        return because(ran, fault or await self._fault_behind(trial, records))

    async def _fault_behind(self, trial: Trial, records: TrialRecords) -> Fault | None:
        """What no longer serves, where the trial shows it: a service that has ended since costs it nothing."""
        if trial.status == "measured" and not (trial.lost or trial.failed or trial.wrong):
            return await self.roles.fault() if self.roles.workers_dead() is not None else None
        if (again := records.started_again("broker")) is not None:  # workers that were silent meanwhile are so for that
            return Fault(again)
        if (fault := await self.roles.fault()) is not None:
            return fault
        once = not self.work.several and self._workload().one_execution
        endings, executed = records.fold.endings, records.executed
        losses = Losses(0, 0)
        if once:
            losses = Losses(never_executed(endings, executed), unanswered(endings, executed), records.held)
        return await self.roles.tampering.behind(trial, losses)

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
            whole_execution=registered.find(plan.workload) is None,
            in_driver=self.work.workers is None,
            ideal_s=workload.ideal_s,
            at_once=places_of(
                workload,
                contender_of(plan.contender, plan.tuning),
                plan.slots,
                drivers=self.work.drivers,
                shards=len(self.work.places) or 1,
            ),
            origin_ms=workload.origin_ms,
            origin_requests=workload.origin_requests,
            allowance=workload.allowance,
            cpu_s=workload.cpu_s,
        )

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

    def _extra(self, recording: Recording, trial: Trial, parts: dict[str, PartFigures]) -> dict[str, float]:
        """The workload's figures: means of `measure` over the replies, and those of `derive`."""
        means = {key: total / count for key, (count, total) in recording.measures.items()}
        if not trial.throughput_per_s or trial.latency_ms is None:
            return means
        served, origin = trial.served, trial.usage.origin
        replies = float(trial.ok) if self.work.load.whole else trial.throughput_per_s * trial.seconds
        figures = Figures(
            throughput_per_s=trial.throughput_per_s,
            mean_ms=trial.latency_ms.mean,
            served_per_reply=served.counted_within(trial.seconds) / replies if served and replies else None,
            connections=origin.connections if origin else None,
            parts=parts,
        )
        return {**self._workload().derive(figures), **means}

    async def _tidy(self, ran: Ran | None) -> None:
        """Nothing of it is left: neither spools nor results."""
        for spool in self.work.spools():
            spool.unlink(missing_ok=True)
        if ran is None or ran.forget is None:
            await self.forget(unclean=ran is not None and ran.unclean)

    async def forget(self, *, unclean: bool = True) -> None:
        """Remove its results, and with `unclean` its queue."""
        await self.roles.forget(self.work.trial_id, self.work.queue, unclean=unclean)
