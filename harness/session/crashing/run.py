"""A trial with a fault: requests are accepted, it strikes, what died is started again, all is counted by id."""

import asyncio
import math
from pathlib import Path
from time import monotonic_ns
from zlib import crc32

import msgspec

from harness import registry
from harness.accounting.crashes import IDS_MOST, Evidence, Struck, contradictions, crash_of
from harness.accounting.trial import failed_trial
from harness.contenders.contender import Contender, contender_of
from harness.contenders.settings.celery_changes import visibility_timeout_s
from harness.errors import ServiceError
from harness.jobs import registered
from harness.loads.crash import Crash
from harness.machine.clock import NS
from harness.machine.processes import last_lines
from harness.machine.threads import in_thread
from harness.plan.expected import longest_s
from harness.recording.ledger import Entry, Event, Ledger
from harness.results.model import Trial
from harness.services.brokers.broker import Left
from harness.services.calls import ask
from harness.services.origin import Origin
from harness.session.crashing.executions import executing, lives
from harness.session.crashing.promised import expires_s_of, promise_of
from harness.session.crashing.settling import LIMIT_S, NOTHING, SHORT_S, Rules, settled
from harness.session.crashing.target import Application, Source, Stage
from harness.session.driver_spec import TrialWork
from harness.session.faults.fault import Fault
from harness.session.roles import Roles
from harness.session.trial import Ran

LOOK_S = 0.005
BEGUN_S = 15.0
"""How long the first work may take to begin."""
AT_WORK_S, FETCHED_S = 3.0, 0.1
"""How long all that can be begun at once may take to be; and how long nothing may be begun or fetched, until a worker
has all that it prefetches: struck before, it may lose the one that it has just popped (docs/crashes.md)."""
ACCEPTED_S = 30.0
"""For the requests after which the fault strikes, beyond the time in which they come."""


def load_of(work: TrialWork) -> Crash:
    """The load of such a trial; raises TypeError where it has no fault."""
    if not isinstance(work.load, Crash):
        raise TypeError(f"{work.plan.load} has no fault")
    return work.load


class CrashRun(msgspec.Struct, frozen=True, kw_only=True):
    """One trial with a fault."""

    round: int
    order: int
    work: TrialWork
    source: Source
    roles: Roles
    ledger: Ledger
    log: Path
    """Of what the fault strikes."""

    async def run(self) -> Ran:
        """Run it; what goes wrong in it fails the trial."""
        fault: Fault = registry.load("fault", load_of(self.work).fault)
        job_s = longest_s(self.work.plan)
        application = Application(self.source, self.work, self.ledger, job_s)
        stage = Stage(application, self.roles, self.work, self.ledger, job_s)
        ran, interrupted = None, False
        try:
            await fault.prepare(stage)
            await application.start()
            await self._accepted(application)
            logged = self.log.stat().st_size if self.log.exists() else 0
            evidence = await self._struck(fault, stage)
            hangs = any(lives(entry.pid) for entry in executing(evidence.entries))
            ran = Ran(self._trial(fault, evidence, logged), unclean=hangs or bool(evidence.ready))
        except ServiceError as error:
            ran = Ran(failed_trial(self.round, self.order, str(error)), unclean=True)
        except asyncio.CancelledError:
            interrupted = True
            await fault.abandon(stage)
            raise
        finally:
            await application.end()
            self._remove_files()
            if not (interrupted and fault.part == "broker"):  # that may not answer, and ends with the run
                await self._tidy(unclean=ran is None or ran.unclean)
                await fault.clean(stage)
        return ran

    async def _accepted(self, application: Application) -> None:
        """Wait for as many accepted requests as the load says; raises ServiceError."""
        load, now = load_of(self.work), asyncio.get_running_loop().time
        ends = now() + ACCEPTED_S + self._arriving_s()
        while sum(entry.event is Event.ACCEPTED for entry in self._entries()) < load.at:
            if application.failed is not None:
                raise ServiceError(application.failed)
            if now() > ends:
                raise ServiceError(f"{load.at} requests were never accepted, so the fault did not strike")
            await asyncio.sleep(LOOK_S)
        if load.at_once:
            await self._at_work()

    async def _at_work(self) -> None:
        """Of a burst: wait until the contender has begun what it can, and has fetched what it will, or for a while.

        Raises ServiceError where it begins nothing: then nothing that runs would be struck.
        """
        broker, queue = self.roles.broker, self.work.queue
        accepted_ns = since_ns = monotonic_ns()
        seen = 0, 0
        while True:
            begun = sum(entry.event is Event.STARTED for entry in self._entries())
            now = begun, await ask(broker.peer, broker.waiting, queue) if broker is not None else 0
            if now != seen:
                seen, since_ns = now, monotonic_ns()
            waited_s = (monotonic_ns() - accepted_ns) / NS
            if begun and (waited_s > AT_WORK_S or monotonic_ns() - since_ns > FETCHED_S * NS):
                return
            if not begun and waited_s > BEGUN_S:
                raise ServiceError(f"no request was begun within {BEGUN_S:g} s, so nothing that ran was struck")
            await asyncio.sleep(FETCHED_S / 4)

    def _arriving_s(self) -> float:
        load = load_of(self.work)
        rate_per_s = load.describe().rate_per_s
        return load.requests / rate_per_s if rate_per_s else 0.0

    def _entries(self) -> list[Entry]:
        return self.ledger.entries(self.work.trial_id)

    async def _struck(self, fault: Fault, stage: Stage) -> Evidence:
        """Strike, start again, wait until nothing more happens, ask the witnesses."""
        struck_ns = monotonic_ns()
        await fault.strike(stage)
        await asyncio.sleep(fault.down_s)
        await fault.restore(stage)
        over = await settled(self._rules(fault), self._entries, self._left)
        if over.under_way:
            raise ServiceError(
                f"{over.waited_s:.0f} s after the fault, requests still ran: "
                f"{', '.join(map(str, over.under_way[:IDS_MOST]))}. What becomes of them is not known: take shorter "
                "jobs, or fewer of them"
            )
        begun, ended = await self._visits()
        return Evidence(
            entries=self._entries(),
            struck_ns=struck_ns,
            begun=begun,
            ended=ended,
            ready=over.left.ready,
            held=over.left.held,
        )

    def _rules(self, fault: Fault) -> Rules:
        """When this trial is over."""
        load, timeout_s = load_of(self.work), self._visibility_timeout_s()
        short_s = timeout_s if timeout_s is not None and timeout_s <= SHORT_S else 0.0
        return Rules(
            offered=load.requests,
            quiet_s=fault.quiet_s,
            visibility_timeout_s=timeout_s,
            limit_s=LIMIT_S + self._arriving_s() + 2 * short_s,
            job_s=longest_s(self.work.plan),
            waves=math.ceil(load.requests / (self.work.plan.slots or load.requests)),
            most_s=self.work.plan.most_s or math.inf,
            told_is_final=fault.told_is_final,
        )

    async def _left(self) -> Left:
        broker = self.roles.broker
        if broker is None:
            return NOTHING
        return await ask(broker.peer, broker.left, self.work.queue, self.work.trial_id)

    async def _visits(self) -> tuple[dict[int, int] | None, dict[int, int] | None]:
        """How often the origin saw each request begin and end; None where the work says nothing to it."""
        if self.work.plan.workload != WITNESSED or not isinstance(self.roles.called, Origin):
            return None, None
        counts = await ask(self.roles.called.peer, self.roles.called.visits)
        numbers = sorted({entry.number for entry in self._entries()})
        begun, ended = (
            {number: counts.get(crc32(f"{self.work.trial_id}.{number}{end}".encode()), 0) for number in numbers}
            for end in ("", "-end")
        )
        return {n: times for n, times in begun.items() if times}, {n: times for n, times in ended.items() if times}

    def _contender(self) -> Contender:
        return contender_of(self.work.plan.contender, self.work.plan.tuning)

    def _visibility_timeout_s(self) -> float | None:
        if self.work.plan.broker != "redis":
            return None
        return visibility_timeout_s(self._contender().tuning)

    def _trial(self, fault: Fault, evidence: Evidence, logged: int) -> Trial:
        """`logged`: how long the log was when the fault struck."""
        load = load_of(self.work)
        contender, job = self._contender(), registered.find(self.work.plan.workload)
        struck = Struck(
            fault=load.fault,
            told=fault.told,
            promise=promise_of(contender, job),
            visibility_timeout_s=self._visibility_timeout_s(),
            expires_s=expires_s_of(contender, job),
        )
        crash = crash_of(evidence, struck)
        if crash.broken is not None:
            crash = msgspec.structs.replace(crash, last_lines=last_lines(self.log, since=logged))
        contradicting = contradictions(evidence, crash)
        entries = evidence.entries
        return msgspec.structs.replace(
            failed_trial(self.round, self.order, "; ".join(contradicting)),
            status="impossible" if contradicting else "measured",
            error="; ".join(contradicting) or None,
            seconds=(entries[-1].at_ns - entries[0].at_ns) / NS,
            issued=max(crash.offered, sum(entry.event is Event.STARTED for entry in entries)),
            submitted=crash.accepted,
            ok=crash.done,
            failed=crash.failed,
            lost=crash.lost + crash.waiting,
            duplicates=crash.repeated,
            executions=sum(entry.event is Event.STARTED for entry in entries),
            crash=crash,
        )

    def _remove_files(self) -> None:
        work = self.work
        for file in (*work.spools(), *(work.spool_of(0).with_suffix(f".jobs{end}") for end in ("", "-wal", "-shm"))):
            file.unlink(missing_ok=True)

    async def _tidy(self, *, unclean: bool) -> None:
        """Nothing of it is left in the broker and in the ledger."""
        broker, work = self.roles.broker, self.work
        if broker is not None:
            await ask(broker.peer, broker.clear, work.queue, work.trial_id)
        await self.roles.forget(work.trial_id, work.queue, unclean=unclean)
        await in_thread(self.ledger.forget)


WITNESSED = "side_effect"
"""The workload that tells the origin of each begin and each end, by id."""
