"""The trials of a run whose services are up: what a schedule asks for is run, reported and put into the document."""

import functools
import itertools
import math
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from harness.accounting.trial import failed_trial
from harness.contenders.contender import WorkersPlace
from harness.driver.fork_server import ForkServer
from harness.errors import ServiceError, WorkbenchError
from harness.jobs.network import is_loopback
from harness.loads.load import parse_load
from harness.machine.limits import exhausted
from harness.plan.cells import cells
from harness.plan.plan import CellPlan, ViewPlan
from harness.progress.progress import Expected
from harness.recording.request_numbers import TRIAL_BITS
from harness.results.model import Cell, HighestRate, Results, Trial
from harness.schedule.repeats import Repeats
from harness.session.boots import Boots
from harness.session.cells import worker_key
from harness.session.crashing.run import CrashRun
from harness.session.document import Document
from harness.session.driver_spec import TrialWork
from harness.session.hiding import hidden
from harness.session.new_document import pending_cell, view_of
from harness.session.recovery import Recovery
from harness.session.roles import Roles
from harness.session.services import RunServices
from harness.session.setup import RunSetup
from harness.session.tampering import Tampering
from harness.session.trial import Ran, TrialRun, because
from harness.statistics.fleet_doubts import with_slots

CALLS_LEAST = 2
"""Of a trial: one that is verified, and one that is measured."""
ARRIVING_TIMES, ARRIVING_S = 3.0, 5.0
"""A load of arrivals has no more requests than those of so many times its time, with seconds to begin and to end."""
NO_CALLS_LEFT = "the run may not call the work any more (--at-most)"
ROLES_APART = frozenset({"workers", "broker", "origin"})


class RunTrials:
    """The run, as a schedule sees it (see `harness.schedule.schedule.Trials`)."""

    def __init__(self, setup: RunSetup, boots: Boots, document: Document, scratch: Path) -> None:
        """`scratch`: a folder for the stamps of a trial, until they are folded."""
        self.seed = setup.options.seed
        self._plan = setup.plan
        self._options = setup.options
        self._cells = setup.cells
        self._store = setup.store
        self._log = setup.log
        self._progress = setup.progress
        self._boots = boots
        self._document = document
        self._scratch = scratch
        self._repeats = Repeats(setup.options.repeats)
        self._recovery = Recovery(boots)
        self._orders = itertools.count()
        self._calls = 0
        # On a broker that was given, tasks and results of other runs, also of killed ones, have ids too.
        self._trial_ids = random.SystemRandom().randrange(2**40) << TRIAL_BITS if setup.options.given_brokers else 0

    def number_with(self, other: "RunTrials") -> None:
        """Number trials together with those of a lane that runs at the same time, in the same document."""
        self._orders, self._trial_ids = other._orders, other._trial_ids

    @property
    def _services(self) -> RunServices:
        return self._boots.services

    @property
    def plans(self) -> Mapping[str, CellPlan]:
        """What is to be measured, by id."""
        return self._cells.plans

    @property
    def results(self) -> Results:
        """The whole document as it stands."""
        return self._document.results

    def place(self, workers: str) -> WorkersPlace:
        """Where the workers of that key are (see `harness.session.cells.worker_key`), for what measures beside them."""
        return self._services.workers.place(workers)

    def cell(self, identity: str) -> Cell:
        """The cell as it stands."""
        return self._document.cell(identity)

    @property
    def calls_left(self) -> int | None:
        """How often the work may still be called; None without a bound."""
        most = self._options.at_most
        return None if most is None else max(0, most - self._calls)

    def allow(self, identity: str, **bounds: float) -> None:
        """Let each further trial of a cell send no more requests (`at_most`), or take no longer (`most_s`)."""
        self._cells.replace(msgspec.structs.replace(self.plans[identity], **bounds))

    def finish(self, identities: Iterable[str]) -> None:
        """Measure these no more: services that start afresh have no workers that only they need."""
        self._cells.finish(identities)

    def expect(self, expected: Expected) -> None:
        """Report how many trials there are, about how long each takes, and how long those that are left may take."""
        self._repeats.expect(expected.trials)
        self._progress.expect(expected)

    def note(self, text: str) -> None:
        """Report what the run may cost."""
        self._progress.note(text)

    async def begin_round(self, number: int) -> None:
        """Start services afresh if the plan wants that for the round of that number; raises ServiceError."""
        if self._options.external:
            return
        await self._boots.begin(self._plan.boot_of(number))
        if self._boots.number >= self.results.run.boots:
            self.note_run(boots=self._boots.number + 1)

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Run a trial of a cell and put it into the results; run it again where others disturbed it, up to a limit."""
        for times in itertools.count():
            judged = functools.partial(self._judged, times=times)
            trial = await self._reported(self.plans[identity], round_number, judged)
            self._document.add_trial(identity, trial)
            if trial.status != "disturbed":
                break
        return trial

    def _judged(self, trial: Trial, times: int) -> Trial:
        """As it counts; that there are no more repeats is reported once."""
        was_stopped = self._repeats.stopped
        judged = self._repeats.judged(trial, times)
        if self._repeats.stopped is not None and was_stopped is None:
            self._progress.note(self._repeats.stopped)
        return judged

    async def probe(self, plan: CellPlan) -> Trial:
        """Run a trial that is no part of the results: of a cell, under another load or for another time."""
        return await self._reported(plan, 0)

    def adopt(self, plan: CellPlan) -> None:
        """Measure the cell of that id as `plan` says from now on, without the trials that it has."""
        self._cells.replace(plan)
        self._document.begin_again(plan.id, parse_load(plan.load, plan.id).describe())

    def note_rate(self, identity: str, highest: HighestRate) -> None:
        """Put what a search has found into the results."""
        self._document.note_rate(identity, highest)

    def note_run(self, **changes: object) -> None:
        """Change what the results say of the run itself."""
        self._document.note_run(**changes)

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """Add a view, in parts, while the run goes on: start what its cells need; returns them, old and new."""
        asked = cells(msgspec.structs.replace(self._plan, view=views), self._options.place)
        new = self._cells.add(asked)
        await self._services.start_new()
        added = [pending_cell(plan, self._cells, self._services) for plan in new]
        self._document.add_view(view_of(views[0]), [plan.id for plan in asked], added)
        return asked

    async def _reported(
        self, plan: CellPlan, round_number: int, judged: Callable[[Trial], Trial] = lambda trial: trial
    ) -> Trial:
        """Run a trial; its begin, and its end as it is judged, are reported."""
        cell = msgspec.structs.replace(self.cell(plan.id), load=parse_load(plan.load, plan.id).describe())
        self._progress.trial_begins(cell, round_number)
        trial = judged(await self.trial(plan, round_number))
        self._progress.trial_ends(cell, trial)
        return trial

    async def trial(self, plan: CellPlan, round_number: int) -> Trial:
        """One trial of a cell: failed, whatever goes wrong in it. Raises ServiceError if it has no chance any more."""
        plan, order = self._bounded(plan), next(self._orders)
        self._recovery.check(plan)
        try:
            ran = await self._ran(plan, round_number, order)
        except Exception as error:  # noqa: BLE001 - whatever happens in a trial, the others are measured
            known = isinstance(error, WorkbenchError)
            reason = str(error) if known else exhausted(error) or f"{type(error).__name__}: {error}"
            ran = because(Ran(failed_trial(round_number, order, reason)), await self._recovery.explained(plan))
        said = ran.trial.error and hidden(ran.trial.error, self._services.urls)
        trial = msgspec.structs.replace(ran.trial, boot=self._boots.number, error=said)
        self._calls += (plan.at_most or 0) if trial.issued is None else trial.issued
        if trial.status == "failed":
            self._recovery.failed(ran.fault)
        elif trial.status == "measured":
            self._recovery.served(plan)
        return trial

    def _bounded(self, plan: CellPlan) -> CellPlan:
        """With no more requests than the run may still send; one whose number is not reported has sent all of them."""
        left = self.calls_left
        if left is None:
            return plan
        most = [left, *([plan.at_most] if plan.at_most is not None else [])]
        if (rate_per_s := parse_load(plan.load, plan.id).describe().rate_per_s) is not None:
            most.append(math.ceil(ARRIVING_TIMES * rate_per_s * (plan.warmup_s + plan.window_s + ARRIVING_S)))
        return msgspec.structs.replace(plan, at_most=min(most))

    async def _ran(self, plan: CellPlan, round_number: int, order: int) -> Ran:
        if plan.at_most is not None and plan.at_most < CALLS_LEAST:
            return Ran(failed_trial(round_number, order, NO_CALLS_LEFT))
        if (fault := await self._recovery.before(plan)) is not None:
            return Ran(failed_trial(round_number, order, fault.reason), fault=fault)
        run = (self._crash_run if plan.has_fault else self._trial_run)(plan, round_number, order)
        ran = await run.run()
        if ran.unclean or ran.trial.status != "measured":
            self._recovery.left(self._services.workers.of(plan), ran.forget)
            self._services.drivers.doubt()
        return msgspec.structs.replace(ran, trial=with_slots(ran.trial, run.work.plan.slots, plan.slots))

    def _trial_run(self, plan: CellPlan, round_number: int, order: int) -> TrialRun:
        cell, sources = self.cell(plan.id), self._services.drivers.take(self._cells.contender(plan).side, plan.drivers)
        roles = self._roles(plan)
        return TrialRun(
            round=round_number,
            order=order,
            work=self._work(plan, round_number, order, roles, len(sources)),
            sources=sources,
            roles=roles,
            stamps=self._store.stamps(order) if self._options.stamps else None,
            stacks=self._store.stacks(order) if plan.profile else None,
            on_rate=lambda per_s, latency_ms: self._progress.current(cell, per_s, latency_ms),
            on_window=lambda state: self._progress.window(cell, state),
        )

    def _crash_run(self, plan: CellPlan, round_number: int, order: int) -> CrashRun:
        """Of a load with a fault."""
        services, roles = self._services, self._roles(plan)
        (source,) = services.drivers.take(self._cells.contender(plan).side, 1)
        if services.ledger is None or not isinstance(source, ForkServer):
            raise ServiceError("a fault can strike only what the run starts on this machine")
        work = msgspec.structs.replace(
            self._work(plan, round_number, order, roles, 1), ledger=str(services.ledger.path)
        )
        key, side = worker_key(plan), self._cells.contender(plan).side
        log = services.workers.place(key, plan.broker).log if plan.broker else self._log(f"drivers-{side}")
        return CrashRun(
            round=round_number, order=order, work=work, source=source, roles=roles, ledger=services.ledger, log=log
        )

    def _roles(self, plan: CellPlan) -> Roles:
        services = self._services
        broker = services.brokers[plan.broker] if plan.broker is not None else None
        return Roles(
            workers=services.workers.of(plan),
            broker=broker,
            called=services.called.called_by(plan.workload, plan.origin_processes),
            serving=services.serving(plan),
            tampering=Tampering(broker, services.workers.queue_of(plan)),
            beside=services.workers.beside(plan),
            apart=self._apart(plan),
            elsewhere=self._elsewhere(plan),
        )

    def _work(self, plan: CellPlan, round_number: int, order: int, roles: Roles, drivers: int) -> TrialWork:
        contender, services = self._cells.contender(plan), self._services
        called_is_others = roles.called is not None and not self._options.origin_is_ours
        return TrialWork(
            plan=services.workers.with_slots(plan),
            drivers=drivers,
            services=msgspec.structs.replace(services.called.services_of(plan), trial=self._trial_ids + order),
            places=tuple(map(contender.broker_place, services.brokers.shards(plan.broker) if plan.broker else ())),
            queue=services.workers.queue_of(plan),
            workers=roles.worker_names(),
            trial_id=self._trial_ids + order,
            several=contender.several(plan.workload),
            timeout_s=self._options.timeout_s,
            seed=self.seed + round_number,
            sparing=called_is_others or self._options.sparing,
            sampled=roles.sampled,
            spool=self._scratch / f"{order}.spool",
        )

    def _apart(self, plan: CellPlan) -> frozenset[str]:
        """Roles that are not in this process's tree, wherever they are."""
        services = self._services
        if self._options.external:
            return ROLES_APART | {"driver"} if services.drivers.joined_here(plan.drivers) else ROLES_APART
        given = plan.broker is not None and not services.brokers[plan.broker].describe().own
        return frozenset({"broker"} if given else ())

    def _elsewhere(self, plan: CellPlan) -> frozenset[str]:
        """A broker does not report where it runs: one that is given by another address than this machine's."""
        if plan.broker is None or self._options.external:
            return frozenset()
        hosts = [broker.place.url.host for broker in self._services.brokers.shards(plan.broker)]
        return frozenset() if all(not host or is_loopback(host) for host in hosts) else frozenset({"broker"})
