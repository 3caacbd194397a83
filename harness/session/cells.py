"""The cells of a run: what each is planned to measure, by which contender, and why some are not measured."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from harness import registry
from harness.contenders.contender import Contender, contender_of
from harness.driver.modules import Preload, modules_of, preload_of
from harness.jobs import registered
from harness.loads.load import parse_load
from harness.plan.plan import CellPlan


class RunCells:
    """By id. A plan is replaced where the run finds out more: its drivers, its workers' slots, a rate to confirm."""

    def __init__(self, planned: Iterable[CellPlan]) -> None:
        self._plans: dict[str, CellPlan] = {}
        self._contenders: dict[str, Contender] = {}
        self._skipped: dict[str, str] = {}
        self._unsupported: dict[str, str] = {}
        self._finished: set[str] = set()
        self._lanes: dict[str, int] = {}
        self._lane = 0
        self.add(planned)

    @property
    def plans(self) -> Mapping[str, CellPlan]:
        """What is to be measured, by id."""
        return self._plans

    def contender(self, plan: CellPlan) -> Contender:
        """The contender of a cell, with its settings."""
        return self._contenders[plan.id]

    def add(self, planned: Iterable[CellPlan]) -> list[CellPlan]:
        """Add cells; returns those that were not known before."""
        new = [plan for plan in planned if plan.id not in self._plans]
        for plan in new:
            self._plans[plan.id] = plan
            self._contenders[plan.id] = contender_of(plan.contender, plan.tuning)
        return new

    def replace(self, plan: CellPlan) -> None:
        """Measure the cell of that id as `plan` says from now on."""
        self._plans[plan.id] = plan

    @property
    def have_fault(self) -> bool:
        """Whether a fault will strike in any."""
        return any(plan.has_fault for plan in self._plans.values())

    def needing(self, service: str) -> list[CellPlan]:
        """Cells that can be measured and whose work calls that service, such as `origin`."""
        return [
            plan
            for plan in self._plans.values()
            if self.is_supported(plan)
            and self.contender(plan).calls_services
            and service in registry.load("workload", plan.workload).needs
        ]

    def skip(self, plans: Iterable[CellPlan], reason: str) -> None:
        """Mark cells as skipped, because a service that they need is not available."""
        self._skipped |= {plan.id: reason for plan in plans}

    def not_supported(self, plan: CellPlan, reason: str) -> None:
        """Mark a cell as not supported, because its contender cannot do the work."""
        self._unsupported[plan.id] = reason

    def in_lane(self, number: int) -> "RunCells":
        """Those that are measured in that lane (`harness.session.lanes`); their states are those of all."""
        lane = copy.copy(self)
        lane._lane = number
        lane._plans = {plan.id: plan for plan in self._plans.values() if self._lanes.get(plan.id, 0) == number}
        return lane

    def spread(self, lanes: Sequence[Iterable[str]]) -> None:
        """Measure these, by id, in lanes beside the first one, in which all others are."""
        self._lanes = {identity: number for number, lane in enumerate(lanes, start=1) for identity in lane}

    @property
    def lanes(self) -> int:
        """How many there are."""
        return 1 + max(self._lanes.values(), default=0)

    def is_here(self, plan: CellPlan) -> bool:
        """Whether that cell is measured in this lane, so that its workers are needed here."""
        return self._lanes.get(plan.id, 0) == self._lane and plan.id not in self._finished

    def finish(self, identities: Iterable[str]) -> None:
        """They are measured no more, so that nothing has to be started for them."""
        self._finished |= set(identities)

    def is_supported(self, plan: CellPlan) -> bool:
        """Whether its contender can do the work, as far as is known."""
        return plan.id not in self._unsupported

    def status(self, plan: CellPlan) -> Literal["skipped", "not_supported", "pending"]:
        """Before its first trial."""
        if plan.id in self._skipped:
            return "skipped"
        return "pending" if self.is_supported(plan) else "not_supported"

    def reason(self, plan: CellPlan) -> str | None:
        """Why it is not measured; None if it is."""
        return self._skipped.get(plan.id) or self._unsupported.get(plan.id)

    def preloads(self) -> dict[str, Preload]:
        """Side → the contenders of its cells, and the workloads that can be measured: fork servers import them."""
        workloads = {plan.workload for plan in self._plans.values() if self.is_supported(plan)}
        contenders: dict[str, set[str]] = {}
        for plan in self._plans.values():
            contender = self.contender(plan)
            contenders.setdefault(contender.side, set()).add(contender.name)
        return {side: preload_of(names, workloads, "the plan") for side, names in contenders.items()}

    def modules(self) -> dict[str, list[str]]:
        """Side → what the contenders and workloads of its cells import."""
        return {side: modules_of(preload) for side, preload in self.preloads().items()}

    def drivers(self) -> dict[str, int]:
        """Side → the most drivers that one of its cells has."""
        most: dict[str, int] = {}
        for plan in self._plans.values():
            side = self.contender(plan).side
            most[side] = max(plan.drivers, most.get(side, 1))
        return most


def spread_over_drivers(cells: RunCells, drivers: int) -> None:
    """Give each cell so many drivers, where its load and its slots can be spread over them.

    With one driver the number is what the plan says.
    """
    if drivers == 1:
        return
    for plan in list(cells.plans.values()):
        in_drivers = not cells.contender(plan).needs_broker
        too_few_slots = in_drivers and plan.slots is not None and plan.slots < drivers
        if not too_few_slots and parse_load(plan.load, plan.id).share(0, drivers) is not None:
            cells.replace(msgspec.structs.replace(plan, drivers=drivers))


def worker_key(plan: CellPlan) -> str:
    """Cells with the same contender, settings, slots and broker share their workers; a job of one's own has its own.

    Workers that a fault will strike note what they execute, and are none of those whose cost is measured.
    """
    key = str(plan.spec) if registered.find(plan.workload) is None else f"{plan.workload}:{plan.spec}"
    return f"{key}:struck" if plan.has_fault else key
