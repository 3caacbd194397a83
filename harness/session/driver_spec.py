"""The task of a trial's drivers together, and the part of each."""

from pathlib import Path

import msgspec

from harness.contenders.contender import Assignment, even_part
from harness.driver.messages import TrialSpec
from harness.loads.load import Load, parse_load
from harness.plan.plan import CellPlan
from harness.services.brokers.broker import BrokerPlace
from workloads.workload import Services

SEEDS_APART = 1_000_003
"""So that the drivers' arrivals differ from each other and from other rounds'."""

WINDOW_LEAST_S = 1.0
"""A measured window is no shorter, whatever was asked: readings of the roles' usage take milliseconds each."""


class TrialWork(msgspec.Struct, frozen=True, kw_only=True):
    """All that the drivers of a trial need to know."""

    plan: CellPlan
    drivers: int = 1
    services: Services
    places: tuple[BrokerPlace, ...] = ()
    """How the contender connects to the broker, or to each of its shards; empty if it needs none."""
    queue: str = ""
    workers: tuple[str, ...] | None = None
    """Names of the workers that execute the work; None if the drivers do."""
    trial_id: int
    """Its number among all trials that the workers may have executed."""
    several: bool = False
    """Whether a request is several executions."""
    timeout_s: float
    seed: int
    sparing: bool = False
    """Whether the work calls a service outside the workbench, which must get no requests except those of the plan."""
    sampled: bool
    """Whether other roles' usage is read, so that the load must go on until it has been."""
    spool: Path
    """File for the stamps; each driver derives the name of its own file from it."""

    ledger: str = ""
    """Where what becomes of each request is noted, because a fault will strike."""

    @property
    def load(self) -> Load:
        """The load of all drivers together."""
        return parse_load(self.plan.load, self.plan.id)

    def load_of(self, driver: int) -> Load:
        """The load that this driver makes."""
        if self.drivers == 1:
            return self.load
        part = self.load.share(driver, self.drivers)
        if part is None:
            raise ValueError(f"{self.plan.load} cannot be spread over {self.drivers} drivers")
        return part

    def spool_of(self, driver: int) -> Path:
        """Where this driver writes its stamps."""
        return self.spool.with_suffix(f".{driver}.spool")

    def spools(self) -> list[Path]:
        """Of all drivers."""
        return [self.spool_of(driver) for driver in range(self.drivers)]


def spec_of(work: TrialWork, driver: int) -> TrialSpec:
    """The part of one driver: of the load, and of the slots where it executes the work itself."""
    plan = work.plan
    executes = work.workers is None
    slots = even_part(plan.slots, driver, work.drivers) if plan.slots and executes else plan.slots
    return TrialSpec(
        contender=plan.contender,
        assignment=Assignment(
            workload=plan.workload,
            tuning=plan.tuning,
            slots=slots,
            services=work.services,
            broker=work.places[driver % len(work.places)] if work.places else None,
            shards=max(1, len(work.places)),
            queue=work.queue,
            workers=list(work.workers or ()),
            trial=work.trial_id,
            backlog=plan.has_backlog,
            ledger=work.ledger,
        ),
        params=plan.params,
        load=work.load_of(driver).text,
        warmup_s=0.0 if work.sparing and _is_counted(work) else plan.warmup_s,
        warmup_requests=even_part(plan.warmup_requests, driver, work.drivers),
        duration_s=None if plan.requests else max(plan.duration_s, WINDOW_LEAST_S),
        requests=plan.requests,
        timeout_s=work.timeout_s,
        seed=work.seed + SEEDS_APART * driver,
        spool=str(work.spool_of(driver)),
        driver=driver,
        together=work.drivers > 1,
        rest_s=plan.rest_s,
        stretch_s=plan.stretch_s,
        look=plan.look,
        gaps_us=work.load.gaps_us(),
        at_most=None if plan.at_most is None else even_part(plan.at_most, driver, work.drivers),
        sampled=work.sampled,
    )


def _is_counted(work: TrialWork) -> bool:
    """Whether the load is a number of requests, rather than as many as fit into a time."""
    return work.load.at_most(work.plan.requests) is not None
