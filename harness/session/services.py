"""The services of a run: brokers, origin, PostgreSQL, workers, fork servers; started and stopped together."""

import asyncio
import os
import platform
import random
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from harness.contenders.contender import Workers
from harness.contenders.settings.setting import no_backlog
from harness.errors import ServiceError
from harness.jobs import registered
from harness.loads.load import parse_load
from harness.machine.processes import MARK, end_marked
from harness.plan import floor
from harness.plan.plan import CellPlan
from harness.recording.ledger import Ledger
from harness.services import leftovers
from harness.services.calls import ask
from harness.services.run_brokers import RunBrokers
from harness.services.terms import Terms
from harness.services.url import Url
from harness.session.called import CalledServices
from harness.session.cells import worker_key
from harness.session.crashing.possible import cannot_strike
from harness.session.drivers import RunDrivers
from harness.session.postgres_connections import lacking, used_by
from harness.session.serving import Fault, Service, Serving
from harness.session.setup import RunSetup
from harness.session.several_queues import cannot_queue
from harness.session.sharding import cannot_shard
from harness.session.workers import RunWorkers

INTERRUPTED_S = 1.5
"""How long services may take to end when a run is interrupted for the second time."""


class Parts(NamedTuple):
    """The services of a run, by kind; nothing runs yet."""

    name: str
    """Of the run, on brokers where others' lie too."""
    brokers: RunBrokers
    called: CalledServices
    workers: RunWorkers
    drivers: RunDrivers


def parts_of(setup: RunSetup) -> Parts:
    """What such a run has."""
    options = setup.options
    name = run_name(setup.store.folder.name)
    terms = terms_of(setup, name) if options.external else None
    brokers = RunBrokers(options.brokers, options.result_backend, external=options.external, shards=options.own_shards)
    called = CalledServices(options, setup.log)
    workers = RunWorkers(name, brokers, called.env, setup.log, terms)
    return Parts(name, brokers, called, workers, RunDrivers(setup.cells, setup.log, terms))


def run_name(folder: str) -> str:
    """A name for a run in that folder, on brokers where others' lie too: no other run has it, and it has no spaces."""
    return f"{re.sub(r'[^A-Za-z0-9_.+-]+', '-', folder)[:100]}:{random.SystemRandom().randrange(16**6):06x}"


def terms_of(setup: RunSetup, name: str) -> Terms:
    """On what terms the run of that name leases workers and drivers that wait."""
    begun = f"{datetime.now().astimezone():%H:%M:%S %z}"
    return Terms(
        run=name,
        holder=f"{name} ({platform.node()}, process {os.getpid()}, since {begun})",
        wait_s=setup.options.wait_s,
        at_most=setup.options.workers_at_most,
        note=setup.progress.step,
    )


class RunServices:
    """What the cells of a run need. Cells for which something is missing are marked as skipped or not supported."""

    def __init__(self, setup: RunSetup, parts: Parts) -> None:
        self._cells = setup.cells
        self._options = setup.options
        self._progress = setup.progress
        self._name = parts.name
        self._not_started: set[str] = set()
        self._scratch: Path | None = None
        self.ledger: Ledger | None = None
        """What becomes of requests is noted in it, where a cell has a fault."""
        self.brokers = parts.brokers
        self.called = parts.called
        self.workers = parts.workers
        self.drivers = parts.drivers

    @property
    def asked_drivers(self) -> int:
        """Drivers of each cell that the run was asked for."""
        return self._options.drivers

    @property
    def urls(self) -> list[Url]:
        """Of all that is open, with their secrets."""
        return [url for service in (*self.brokers.opened(), *self.called.opened()) for url in service.peer.urls]

    async def start_new(self) -> None:
        """The workers and origins of cells that have been added since."""
        self._find_unsupported()
        await self.called.open_further_origins(self._cells.needing("origin"))
        new = await self._made_workers()
        await asyncio.gather(*(self._start_workers(key, workers) for key, workers in new.items()))

    async def start(self, scratch: Path) -> None:
        """Brokers and what is in others' environment first, then everything else at once.

        `scratch`: a folder for their own files. Where something does not start, what did is left to `stop`. Raises
        ServiceError, which names the service that others depend on, where that is why they did not start.
        """
        if registered.names():
            self.called.env |= {**registered.hand_over(scratch), MARK: str(scratch)}
        try:
            await self._start(scratch)
        except Exception as error:
            opened = (*self.brokers.opened(), *self.called.opened())
            if str(error).startswith(tuple(service.peer.shown for service in opened)):  # it has been asked already
                raise
            if (fault := await Serving({service.peer.shown: service for service in opened}).fault()) is not None:
                raise ServiceError(fault.reason) from error
            raise

    async def _start(self, scratch: Path) -> None:
        await self._open_brokers(scratch)
        if (meeting := self._options.meeting) is not None:
            await self.drivers.find(self.brokers[meeting], self._options.drivers)
        self._find_unsupported()
        await self._open_postgres()
        self._scratch = scratch
        workers = await self._made_workers()
        fork_servers = self.drivers.make(self.called.env)
        self._progress.step(f"starting {', '.join(self.workers.names()) or 'the drivers'}")
        async with asyncio.TaskGroup() as group:
            if self._cells.needing("origin"):
                group.create_task(self.called.open_origin())
            for server in fork_servers:
                group.create_task(server.start())
            if self._options.external:
                group.create_task(self._lease(workers))
            else:
                for key, pool in workers.items():
                    group.create_task(self._start_workers(key, pool))
        calling = self._cells.needing("origin")
        await self.called.open_further_origins(calling)
        await self.called.check_effective(calling)
        if self._options.external:
            self.workers.take_slots(self._cells)

    async def _made_workers(self) -> dict[str, Workers]:
        """Workers, not yet started, of cells that have none; what they will make on given brokers is noted."""
        if self.ledger is None and self._scratch is not None and self._cells.have_fault:
            self.ledger = Ledger(self._scratch / "ledger")
        made = self.workers.make(self._cells, self.ledger.path if self.ledger is not None else None)
        for broker in self.brokers.opened():
            if not broker.is_own:
                await ask(broker.peer, broker.note, self.workers.queues())
                if self._scratch is not None and not self._options.external:
                    leftovers.note(self._scratch, broker.place, self.workers.queues())
        return made

    async def _lease(self, workers: dict[str, Workers]) -> None:
        """One pool after the other, in the order of every run: else each of two could wait for what the other has."""
        for key in sorted(workers):
            await self._start_workers(key, workers[key])

    async def _start_workers(self, key: str, workers: Workers) -> None:
        """Start a pool. If it does not start, the trials of its own cells fail; raises ServiceError if none is left."""
        try:
            await workers.start()
        except ServiceError as error:
            self._not_started.add(key)
            others = any(worker_key(plan) not in self._not_started for plan in self._cells.plans.values())
            if self._options.external or not others:
                raise
            self._progress.step(f"{key} cannot be measured: {error}")

    async def _open_brokers(self, scratch: Path) -> None:
        by_kind: dict[str, list[CellPlan]] = {}
        for plan in self._cells.plans.values():
            if plan.broker is not None:
                by_kind.setdefault(plan.broker, []).append(plan)
        wanted = set(by_kind)
        for kind, plans in by_kind.items():
            if (reason := self.brokers.missing(kind)) is not None:
                self._cells.skip(plans, reason)
                wanted.remove(kind)
        if (meeting := self._options.meeting) is not None:
            wanted.add(meeting)
        if wanted:
            self._progress.step(f"{'connecting to' if self.brokers.given(wanted) else 'starting'} the broker")
            await self.brokers.open(wanted, f"workbench:{self._name}:", scratch)

    async def _open_postgres(self) -> None:
        """Before the workers, whose environment says where it is; without one, the cells that need it are skipped."""
        needing = self._cells.needing("postgres")
        if not needing:
            return
        reason = self.called.without_postgres()
        if reason is None:
            self._progress.step(f"{'connecting to' if self._options.postgres_url else 'starting'} PostgreSQL")
            try:
                reason = await self.called.open_postgres(needing) or await self._lacks_connections(needing)
            except ServiceError as error:
                if self._options.postgres_url is not None or not self._has_others(needing):
                    raise
                reason = str(error)
        if reason is not None:
            self._cells.skip(needing, reason)

    async def _lacks_connections(self, needing: Sequence[CellPlan]) -> str | None:
        """Why PostgreSQL has too few; None where it has enough. Workers elsewhere may have theirs already."""
        used = used_by((plan, self._cells.contender(plan)) for plan in needing)
        return None if self._options.external else lacking(used, await self.called.connections_left())

    def _has_others(self, plans: Sequence[CellPlan]) -> bool:
        """Whether cells other than these, and than those of the floor, are to be measured."""
        return any(plan not in plans and plan.views != [floor.VIEW] for plan in self._cells.plans.values())

    def _find_unsupported(self) -> None:
        """Cells whose contender cannot do the work, as it is connected."""
        for plan in self._cells.plans.values():
            contender = self._cells.contender(plan)
            connected = plan.broker is not None and plan.broker in self.brokers
            place = contender.broker_place(self.brokers[plan.broker]) if connected and plan.broker else None
            reason = contender.cannot(plan.workload, place) or cannot_strike(
                plan, contender, self.brokers, external=self._options.external
            )
            shards = len(self.brokers.shards(plan.broker)) if connected and plan.broker else 1
            reason = reason or cannot_shard(plan, shards, external=self._options.external)
            reason = reason or cannot_queue(plan, contender)
            if self._options.external and contender.sets_workers:
                reason = f"{' and '.join(plan.tuning)}: external workers run as they were started"
            unpaused = contender.not_paused or no_backlog(contender.tuning)
            if unpaused is not None and parse_load(plan.load, plan.id).backlog:
                reason = unpaused
            if self._options.external and contender.not_external is not None:
                reason = contender.not_external
            if reason is not None:
                self._cells.not_supported(plan, reason)

    def serving(self, plan: CellPlan) -> Serving:
        """The services that a trial of that cell needs; their names stay when they start afresh."""
        used: dict[str, Service] = {}
        if plan.broker is not None:
            brokers = self.brokers.serving(plan.broker)
            used |= {f"{plan.broker} {number}": broker for number, broker in enumerate(brokers)}
        if (called := self.called.called_by(plan.workload, plan.origin_processes)) is not None:
            used["called"] = called
        return Serving(used)

    async def fault(self, plan: CellPlan) -> Fault | None:
        """The first service of that cell that has ended, or does not answer; None if all serve."""
        return await self.serving(plan).fault()

    async def ensure(self, plan: CellPlan) -> Fault | None:
        """Start the cell's workers again where they no longer serve; returns why they still do not.

        Raises ServiceError if they cannot be started.
        """
        if (reason := await self.drivers.ensure(plan.drivers)) is not None:
            return Fault(reason)
        workers = self.workers.of(plan)
        if workers is None:
            return None
        await workers.ensure()
        return Fault(dead) if (dead := workers.dead()) is not None else None

    async def stop(self, grace_s: float) -> None:
        """Stop all, even if Ctrl-C is pressed again; what takes longer is then killed by its guard."""
        stopping = asyncio.ensure_future(self._stop(grace_s))
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            await asyncio.wait({stopping}, timeout=INTERRUPTED_S)
            raise

    async def _stop(self, grace_s: float) -> None:
        """Workers, drivers and origin at once, then what they are connected to: workers give messages back to it."""
        stopping = [worker.stop(grace_s) for worker in self.workers.all()]
        stopping += [server.stop(grace_s) for server in self.drivers.fork_servers()]
        stopping += [self.drivers.stop(grace_s), *(origin.stop(grace_s) for origin in self.called.origins())]
        await asyncio.gather(*stopping, return_exceptions=True)
        await self.called.stop_postgres(grace_s)
        await self.workers.remove_queues(self._cells)
        await self.brokers.close(grace_s)
        if self.ledger is not None:
            self.ledger.close()
        if (mark := self.called.env.get(MARK)) is not None:
            end_marked(mark)
