"""Plan → rounds of trials: starts the services once, runs every trial in a fresh driver, saves after each."""

import asyncio
import contextlib
import itertools
import platform
import random
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from harness import registry
from harness.accounting.accounting import failed_trial, summary_of
from harness.contenders.contender import Workers, WorkersPlace, contender_of
from harness.driver.fork_server import ForkServer
from harness.driver.remote.fork_server import RemoteForkServer, WaitingDriver, waiting_drivers
from harness.errors import ServiceError
from harness.loads.load import parse_load
from harness.machine.threads import in_thread
from harness.machine.usage import boot_id
from harness.plan.floor import floor_of, is_floor, with_floor
from harness.plan.plan import CellPlan, Named, Plan, ViewPlan, cells, rounds_at_most
from harness.progress.progress import Progress
from harness.results.environment import cpus, environment
from harness.results.model import SCHEMA, Cell, HighestRate, Results, Run, Settings, Side, Trial, View
from harness.results.store import Store
from harness.schedule.schedule import FixedRounds, Schedule
from harness.services.brokers.broker import DEFAULT, Broker
from harness.services.origin import Origin, open_origin
from harness.services.postgres import VARIABLE as POSTGRES_VARIABLE
from harness.services.postgres import Postgres, open_postgres
from harness.services.run_brokers import RunBrokers
from harness.session.trial import TrialRun
from harness.statistics.comparisons import comparisons
from harness.statistics.sweeps import scalings
from workloads.workload import Services

GRACE_S = 6.0
GRACE_INTERRUPTED_S = 1.5
NO_POSTGRES = (
    "no PostgreSQL to be had: neither was --postgres URL given, nor is there an initdb on PATH, in /usr/lib/postgresql "
    "or in the wheel of the extra `postgres`"
)
NOT_GIVEN = "external workers need a PostgreSQL that they reach: --postgres URL, and DATABASE_URL where they run"
ROLES_APART = frozenset({"workers", "broker", "origin"})


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says beside the plan."""

    seed: int
    timeout_s: float
    command: str
    place: str = "the plan"
    """Where the plan was read, for what is wrong with its cells."""
    brokers: dict[str, str] = {}
    """Kind of broker → URL of the one to use, where one was given."""
    result_backend: str | None = None
    """URL of what keeps the results of a broker that does not; None takes what suits."""
    origin_url: str | None = None
    postgres_url: str | None = None
    origin_processes: int = 1
    drivers: int = 1
    """Processes that make the load of a trial."""
    external: bool = False
    """Whether broker, origin and workers run already, started by somebody else."""
    stamps: bool = False
    """Whether the stamps of every request are kept."""


class Session:
    """One run. `results` is always the whole document as it stands."""

    def __init__(
        self, plan: Plan, options: Options, store: Store, progress: Progress, schedule: Schedule | None = None
    ) -> None:
        self.plan = plan
        self.options = options
        self.seed = options.seed
        self._schedule = schedule or FixedRounds()
        self._orders = itertools.count()
        self._store = store
        self._progress = progress
        self.folder = store.folder
        self._name = f"{store.folder.name}:{random.SystemRandom().randrange(16**6):06x}"
        # Workers that wait for runs note the trials of all of them.
        self._trial_ids = random.SystemRandom().randrange(2**40) << 20 if options.external else 0
        ours = options.external or options.origin_url is None
        self._services = Services(origin_url=options.origin_url, origin_is_ours=ours)
        planned = with_floor(plan, cells(plan, options.place))
        self._plans = {cell.id: cell for cell in planned}
        self._contenders = {cell.id: contender_of(cell.contender, cell.tuning) for cell in planned}
        self._spread_over_drivers()
        self._workers: dict[str, Workers] = {}
        self._queues: dict[str, str] = {}
        self._skipped: dict[str, str] = {}
        self._unsupported: dict[str, str] = {}
        self._fork_servers: dict[str, list[ForkServer]] = {}
        self._joined: list[WaitingDriver] = []
        self._brokers = RunBrokers(options.brokers, options.result_backend, external=options.external)
        self._origin: Origin | None = None
        self._postgres: Postgres | None = None
        self._env: dict[str, str] = {}
        self._scratch = Path()
        self.results: Results

    @property
    def plans(self) -> Mapping[str, CellPlan]:
        """What is to be measured, by id."""
        return self._plans

    def _spread_over_drivers(self) -> None:
        """Give each cell the drivers that were asked for, where its load and its slots can be spread over them."""
        for identity, plan in self.plans.items():
            drivers = self.options.drivers
            if drivers == 1:
                continue  # as the plan says
            executes = not self._contenders[plan.id].needs_broker
            enough = not (executes and plan.slots and plan.slots < drivers)
            if enough and parse_load(plan.load, plan.id).share(0, drivers) is not None:
                self._plans[identity] = msgspec.structs.replace(plan, drivers=drivers)

    async def run(self) -> Results:
        """Run the plan; on cancellation (Ctrl-C) everything is stopped and what was measured is saved."""
        try:
            async with self.services():
                await self._schedule.run(self)
            self._finish("done")
        except asyncio.CancelledError:
            self._finish("interrupted")
            raise
        except BaseException:
            self._finish("failed")
            raise
        finally:
            self._progress.end()
        return self.results

    @contextlib.asynccontextmanager
    async def services(self) -> AsyncIterator[None]:
        """Everything that trials need, started; stopped at the end, whatever happens."""
        self._store.create()
        self._scratch = Path(tempfile.mkdtemp(prefix="workbench-"))
        try:
            await self._start()
            self._begin_results()
            yield
        except BaseException:
            await self._stop_for_sure(GRACE_INTERRUPTED_S)
            raise
        else:
            self._progress.step("stopping")
            await self._stop_for_sure(GRACE_S)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    async def _stop_for_sure(self, grace_s: float) -> None:
        """Stop the services also where Ctrl-C comes meanwhile; then what takes longer is killed by its guard."""
        stopping = asyncio.ensure_future(self._stop(grace_s))
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            await asyncio.wait({stopping}, timeout=GRACE_INTERRUPTED_S)
            raise

    async def _start(self) -> None:
        """Broker first, then everything else at once: boot falls into no trial."""
        needed = {cell.broker for cell in self.plans.values() if cell.broker is not None}
        missing = {name: reason for name in needed if (reason := self._brokers.missing(name)) is not None}
        self._skipped |= {cell.id: missing[cell.broker] for cell in self.plans.values() if cell.broker in missing}
        if self.options.external and self.options.drivers > 1:
            needed |= {next(iter(self.options.brokers))}
        if had := needed - missing.keys():
            self._progress.step("starting the broker")
            await self._brokers.open(had, f"workbench:{self._name}:", self._scratch)
        await self._find_drivers()
        await self._open_postgres()
        self._find_unsupported()
        workers = self._make_workers()
        self._fork_servers = self._make_fork_servers()
        names = ", ".join(key for key in workers) or "the drivers"
        self._progress.step(f"starting {names}")
        starting = [
            self._start_origin(),
            *(server.start() for servers in self._fork_servers.values() for server in servers),
        ]
        starting += [one.start() for one in workers.values()]
        async with asyncio.TaskGroup() as group:
            for start in starting:
                group.create_task(start)
        if self.options.external:
            self._take_slots()

    def _take_slots(self) -> None:
        """Workers that run already have the slots that they have: cells of a contender that asks for others get these.

        Where a plan asks for several numbers of slots, those that there are not are skipped.
        """
        found = {key: workers.described()[1]["slots"] for key, workers in self._workers.items()}
        asked: dict[str, set[int | None]] = {}
        for plan in self.plans.values():
            asked.setdefault(plan.contender, set()).add(plan.slots)
        for plan in list(self.plans.values()):
            key = worker_key(plan)
            if key not in found or found[key] == plan.slots:
                continue
            if len(asked[plan.contender]) > 1:
                self._skipped[plan.id] = f"the workers that answered have {found[key]} slots"
            else:
                self._plans[plan.id] = adapted = msgspec.structs.replace(plan, slots=found[key])
                self._workers[worker_key(adapted)] = self._workers[key]
                self._queues[worker_key(adapted)] = self._queues[key]

    def _make_workers(self) -> dict[str, Workers]:
        for cell in self.plans.values():
            key = worker_key(cell)
            if cell.broker is None or cell.broker not in self._brokers or key in self._workers:
                continue
            if cell.id in self._unsupported:
                continue
            made = self._contenders[cell.id].workers(cell.slots, self._place_of(cell, key))
            if made is not None:
                self._workers[key] = made
        return self._workers

    def _place_of(self, cell: CellPlan, key: str) -> WorkersPlace:
        """Where the workers of a cell belong."""
        assert cell.broker is not None
        reached = self._contenders[cell.id].broker_place(self._brokers[cell.broker])
        return msgspec.structs.replace(self.place(key, cell.broker), broker=reached)

    def place(self, key: str, broker: str = DEFAULT) -> WorkersPlace:
        """Where the workers of that key belong, once the broker runs."""
        name = re.sub("[:@+]", "-", key)
        queue = self._queues.setdefault(key, f"{self._name}:{name}" if self.options.external else name)
        return WorkersPlace(
            broker=self._brokers[broker].place,
            queue=queue,
            log=self._store.log(name),
            env=self._env,
            external=self.options.external,
        )

    def _find_unsupported(self) -> None:
        """Cells whose contender cannot do the work, as it is connected."""
        for cell in self.plans.values():
            known = cell.broker is not None and cell.broker in self._brokers
            contender = self._contenders[cell.id]
            place = contender.broker_place(self._brokers[cell.broker]) if known and cell.broker else None
            reason = contender.cannot(cell.workload, place)
            if self.options.external and contender.sets_workers:
                reason = f"{' and '.join(cell.tuning)}: external workers run as they were started"
            if reason is not None:
                self._unsupported[cell.id] = reason

    async def _open_postgres(self) -> None:
        """Before the workers, whose environment says where it is; without one, the cells that need it are skipped."""
        needing = [
            cell
            for cell in self.plans.values()
            if "postgres" in registry.load("workload", cell.workload).needs and self._contenders[cell.id].side != "fake"
        ]
        if not needing:
            return
        if self.options.external and not self.options.postgres_url:
            self._skipped |= dict.fromkeys((cell.id for cell in needing), NOT_GIVEN)
            return
        self._progress.step("starting PostgreSQL")
        self._postgres = await open_postgres(self.options.postgres_url or None, self._store.log("postgres"))
        if self._postgres is None:
            self._skipped |= dict.fromkeys((cell.id for cell in needing), NO_POSTGRES)
            return
        tables = {registry.load("workload", cell.workload).tables for cell in needing}
        await in_thread(self._postgres.make, "".join(sorted(tables)))
        self._services = msgspec.structs.replace(self._services, postgres_schema=self._postgres.schema)
        self._env = {POSTGRES_VARIABLE: self._postgres.url}

    def _meeting(self) -> Broker:
        """The broker on which drivers wait: the first one given."""
        return self._brokers[next(iter(self.options.brokers))]

    async def _find_drivers(self) -> None:
        """Those that wait on the broker; where none do, this process starts its own."""
        if not (self.options.external and self.options.drivers > 1):
            return
        self._joined = await waiting_drivers(self._meeting())
        if self._joined and len(self._joined) < self.options.drivers:
            names = ", ".join(who.name for who in self._joined)
            raise ServiceError(
                f"--drivers {self.options.drivers}: only {len(self._joined)} wait on the broker ({names}). "
                "Start more, on any machine: workbench driver --broker URL"
            )

    def _make_fork_servers(self) -> dict[str, list[ForkServer]]:
        """A fork server for each driver of a side."""
        return {
            side: [
                ForkServer(names, self._store.log(f"drivers-{side}"), self._env) for _ in range(self._drivers_of(side))
            ]
            for side, names in self._modules().items()
        }

    def _modules(self) -> dict[str, list[str]]:
        """What the contenders and workloads of each side import."""
        modules: dict[str, set[str]] = {}
        workloads = sorted({cell.workload for cell in self.plans.values()})
        for contender in self._contenders.values():
            mine = modules.setdefault(contender.side, set())
            mine |= {f"workloads.catalogue.{name}" for name in workloads} | set(contender.preload(workloads))
        return {side: sorted(names) for side, names in modules.items()}

    def _drivers_of(self, side: str) -> int:
        """The most that a cell of that side has here."""
        plans = [plan for plan in self.plans.values() if self._contenders[plan.id].side == side]
        return 1 if self._joined else max(plan.drivers for plan in plans)

    async def _start_origin(self) -> None:
        needed = any("origin" in registry.load("workload", cell.workload).needs for cell in self.plans.values())
        if needed and any(contender.side != "fake" for contender in self._contenders.values()):
            options = self.options
            self._origin = await open_origin(
                options.origin_url,
                options.seed,
                self._store.log("origin"),
                options.origin_processes,
                ours=options.external,
            )
            self._services = msgspec.structs.replace(
                self._services, origin_url=self._origin.url, origin_is_ours=self._origin.is_ours
            )

    def _queues_left(self) -> Iterator[tuple[Broker, str]]:
        """The run's queues on brokers that are not the run's own."""
        brokers = {worker_key(plan): plan.broker for plan in self.plans.values()}
        for key, queue in self._queues.items():
            if (name := brokers.get(key)) is not None and not self._brokers[name].describe().own:
                yield self._brokers[name], queue

    async def _stop(self, grace_s: float) -> None:
        """Workers, drivers and origin at once; the broker last, because workers give messages back to it."""
        stopping = [one.stop(grace_s) for one in self._workers.values()]
        stopping += [server.stop(grace_s) for servers in self._fork_servers.values() for server in servers]
        stopping += [one.stop(grace_s) for one in (self._origin, self._postgres) if one is not None]
        await asyncio.gather(*stopping, return_exceptions=True)
        for broker, queue in self._queues_left():
            with contextlib.suppress(ServiceError):
                await in_thread(broker.remove_queue, queue)
        await self._brokers.close(grace_s)

    def _begin_results(self) -> None:
        views = [view_of(view) for view in self.plan.view]
        self.results = Results(
            schema=SCHEMA,
            run=Run(
                id=self.folder.name,
                started=datetime.now(UTC).isoformat(timespec="seconds"),
                finished=None,
                seed=self.options.seed,
                rounds=rounds_at_most(self.plan),
                plan=self.plan.name,
                command=self.options.command,
                status="running",
                views=views,
            ),
            environment=environment(self._brokers.described(), self._services.origin_url),
            cells=[self._empty_cell(cell) for cell in self.plans.values()],
            comparisons=[],
        )
        self._store.save(self.results)

    def _empty_cell(self, cell: CellPlan) -> Cell:
        contender = self._contenders[cell.id]
        key = worker_key(cell)
        served, effective = self._workers[key].described() if key in self._workers else ([], {})
        definition = registry.load("workload", cell.workload)
        several = self._contenders[cell.id].several(cell.workload)
        ideal_s = definition(definition.Params(**cell.params), self._services, 0).ideal_s
        return Cell(
            id=cell.id,
            views=cell.views,
            workload=cell.workload,
            params=cell.params,
            side=contender.side,
            contender=cell.contender,
            tuning=cell.tuning,
            broker=cell.broker,
            settings=Settings(
                asked=contender.settings(cell.slots),
                effective=effective or {"slots": cell.slots, "python": platform.python_version()},
            ),
            workers=served,
            slots=cell.slots,
            drivers=cell.drivers,
            load=parse_load(cell.load, cell.id).describe(),
            ideal_s=ideal_s,
            ceiling_per_s=cell.slots / ideal_s if cell.slots and ideal_s and not several else None,
            status=self._status_at_first(cell.id),
            reason=self._skipped.get(cell.id) or self._unsupported.get(cell.id),
            trials=[],
            summary=None,
        )

    def _status_at_first(self, identity: str) -> Literal["skipped", "not_supported", "pending"]:
        if identity in self._skipped:
            return "skipped"
        return "not_supported" if identity in self._unsupported else "pending"

    def expect(self, trials: int, each_s: float) -> None:
        """Tell how many trials there are altogether, as far as is known, and about how long each takes."""
        self._progress.begin(trials, each_s)

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Run a trial of a cell and put it into the results."""
        trial = await self._told(self.plans[identity], round_number)
        self._add(identity, trial)
        return trial

    async def probe(self, plan: CellPlan) -> Trial:
        """Run a trial that is no part of the results: of a cell, under another load or for another time."""
        return await self._told(plan, 0)

    async def _told(self, plan: CellPlan, round_number: int) -> Trial:
        """Run a trial, and tell of its begin and its end."""
        cell = msgspec.structs.replace(self.cell(plan.id), load=parse_load(plan.load, plan.id).describe())
        self._progress.trial_begins(cell, round_number)
        trial = await self.trial(plan, round_number)
        self._progress.trial_ends(cell, trial)
        return trial

    def adopt(self, plan: CellPlan) -> None:
        """Measure the cell of that id as `plan` says from now on, without the trials that it has."""
        self._plans[plan.id] = plan
        load = parse_load(plan.load, plan.id).describe()
        self._put(
            msgspec.structs.replace(
                self.cell(plan.id), load=load, trials=[], summary=None, status="pending", reason=None
            )
        )

    def note_rate(self, identity: str, found: HighestRate) -> None:
        """Put what a search has found into the results."""
        cell = msgspec.structs.replace(self.cell(identity), highest_rate=found)
        if found.status == "not_found":
            cell = msgspec.structs.replace(cell, status="failed", reason=f"no rate for {found.limit}: {found.why}")
        self._put(cell)

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """Add a view, in parts, while the run goes on: start what its cells need; returns them, old and new."""
        view = views[0]
        asked = cells(msgspec.structs.replace(self.plan, view=views), self.options.place)
        new = [cell for cell in asked if cell.id not in self._plans]
        self._plans |= {cell.id: cell for cell in new}
        self._contenders |= {cell.id: contender_of(cell.contender, cell.tuning) for cell in new}
        self._find_unsupported()
        known = set(self._workers)
        await asyncio.gather(*(one.start() for key, one in self._make_workers().items() if key not in known))
        seen = {cell.id for cell in asked}
        every = [
            msgspec.structs.replace(one, views=[*one.views, view.name]) if one.id in seen else one
            for one in self.results.cells
        ]
        self.results = msgspec.structs.replace(self.results, cells=every + [self._empty_cell(cell) for cell in new])
        self.note_run(views=[*self.results.run.views, view_of(view)])
        return asked

    def note_run(self, **changes: object) -> None:
        """Change what the results say of the run itself."""
        self.results = msgspec.structs.replace(self.results, run=msgspec.structs.replace(self.results.run, **changes))

    async def trial(self, plan: CellPlan, round_number: int) -> Trial:
        """One trial of a cell, while the services run."""
        cell, order = self.cell(plan.id), next(self._orders)
        key = worker_key(plan)
        workers = self._workers.get(key)
        if (gone := self._brokers.gone()) is not None:
            raise ServiceError(gone)
        called = self._called(plan)
        if called is not None and (gone := called.gone()) is not None:
            return failed_trial(round_number, order, gone)  # the rest of the plan can still be measured
        if workers is not None:
            await workers.ensure()
            if (dead := workers.dead()) is not None:
                return failed_trial(round_number, order, dead)
        contender = self._contenders[plan.id]
        broker = self._brokers[plan.broker] if plan.broker is not None else None
        run = TrialRun(
            plan=plan,
            fork_servers=self._fork_servers_of(contender.side, plan.drivers),
            workers=workers,
            broker=broker,
            place=contender.broker_place(broker) if broker is not None else None,
            origin=called,
            services=self._services,
            queue=self._queues.get(key, ""),
            trial_id=self._trial_ids + order,
            several=contender.several(plan.workload),
            timeout_s=self.options.timeout_s,
            gently=self.options.origin_url is not None and not self.options.external,
            seed=self.options.seed + round_number,
            spool=self._scratch / f"{order}.spool",
            stamps=self._store.stamps(order) if self.options.stamps else None,
            cpus=cpus(),
            apart=self._apart(plan.drivers),
            on_rate=lambda per_s, latency_ms: self._progress.current(cell, per_s, latency_ms),
        )
        trial = await run.run(round_number, order)
        if workers is not None and (run.unclean or trial.status != "measured"):
            # Tasks of this trial may still wait or run: the next trial gets an empty queue and new workers.
            await workers.stop(0)
        return trial

    def _called(self, plan: CellPlan) -> Origin | Postgres | None:
        """The service that both sides call."""
        needs = registry.load("workload", plan.workload).needs
        return self._postgres if "postgres" in needs else self._origin if "origin" in needs else None

    def _fork_servers_of(self, side: Side, drivers: int) -> list[ForkServer | RemoteForkServer]:
        """What the drivers of a trial come from: those that have joined, where the run has several."""
        if drivers > 1 and self._joined:
            modules = self._modules()[side]
            return [RemoteForkServer(who, self._meeting(), modules) for who in self._joined[:drivers]]
        return list(self._fork_servers[side][:drivers])

    def _apart(self, drivers: int) -> frozenset[str]:
        """Roles on this machine that are not in this process's tree."""
        if not self.options.external:
            return frozenset()
        here = drivers > 1 and self._joined and all(who.boot_id == boot_id() for who in self._joined[:drivers])
        return ROLES_APART | {"driver"} if here else ROLES_APART

    def cell(self, identity: str) -> Cell:
        """The cell as it stands."""
        return next(cell for cell in self.results.cells if cell.id == identity)

    def _add(self, identity: str, trial: Trial) -> None:
        """Put a trial into the document and save it."""
        cell = self.cell(identity)
        trials = [*cell.trials, trial]
        statuses = {one.status for one in trials}
        status = next(one for one in ("disqualified", "measured", "failed") if one in statuses)
        changed = msgspec.structs.replace(
            cell,
            trials=trials,
            status=status,
            reason=next((one.error for one in trials if one.status == status), None),
        )
        self._put(changed)

    def _put(self, changed: Cell) -> None:
        """A cell in place of itself, with the summaries and comparisons that depend on it; save all."""
        every = [changed if one.id == changed.id else one for one in self.results.cells]
        every = [_summarised(one, every) if _concerns(changed, one) else one for one in every]
        self.results = msgspec.structs.replace(
            self.results, cells=every, comparisons=comparisons(every, self.results.run.views)
        )
        self._store.save(self.results)

    def _finish(self, status: str) -> None:
        if not hasattr(self, "results"):
            return
        self.note_run(status=status, finished=datetime.now(UTC).isoformat(timespec="seconds"))
        found = scalings(self.results.cells, self.results.run.views)
        self.results = msgspec.structs.replace(self.results, scalings=found)
        self._store.save(self.results)


def view_of(view: ViewPlan) -> View:
    """As the results document has it."""
    return View(name=view.name, about=view.about, matched=view.matched, rung=view.rung)


def _concerns(changed: Cell, other: Cell) -> bool:
    """Whether a cell's summary depends on another one: its own does, and its contender's floor."""
    same_contender = (changed.name, changed.slots) == (other.name, other.slots)
    return changed.id == other.id or (is_floor(changed) and same_contender)


def _summarised(cell: Cell, every: list[Cell]) -> Cell:
    floor = floor_of(every, cell.name, cell.slots)
    summary = summary_of(cell.trials, cell.ceiling_per_s, cell.settings, floor, is_floor=is_floor(cell))
    return msgspec.structs.replace(cell, summary=summary)


def worker_key(cell: CellPlan) -> str:
    """Cells with the same contender, slots and broker share their workers."""
    return str(Named(cell.contender, cell.slots, cell.broker, tuple(cell.tuning)))


def succeeded(results: Results) -> bool:
    """Whether every request of every cell was answered well: else the run's exit status is 1."""
    return all(
        cell.status in ("skipped", "not_supported")
        or (
            cell.status == "measured"
            and all(trial.status == "measured" and trial.ok == trial.submitted for trial in cell.trials)
            and not any(doubt.kind == "not-all-ok" for trial in cell.trials for doubt in trial.doubts)
        )
        for cell in results.cells
    )
