"""Lanes: trials with a fault mostly wait, so several run at once, each lane with services of its own to be struck."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from harness.machine.cores import cores
from harness.plan.plan import CellPlan
from harness.progress.progress import Quiet
from harness.schedule.schedule import FixedRounds, Schedule, Trials
from harness.schedule.struck import struck_s
from harness.session.boots import Boots, boots_of
from harness.session.cells import RunCells, worker_key
from harness.session.document import Document
from harness.session.new_document import pending_cell
from harness.session.options import Options
from harness.session.setup import RunSetup
from harness.session.trials import RunTrials

LANES_A_CORE, MOST = 2, 8
WORTH_S = 60.0
"""What a lane does, to be worth the start of its services."""


def spread_over_lanes(cells: RunCells, options: Options, schedule: Schedule) -> None:
    """Where the schedule can, and no bound on calls is to be kept by all together."""
    if isinstance(schedule, FixedRounds) and options.at_most is None and not options.external:
        cells.spread(lanes_of(cells.plans.values(), int(LANES_A_CORE * cores()))[1:])


def lanes_of(plans: Iterable[CellPlan], most: int) -> list[list[str]]:
    """Ids of the cells with a fault, by lane: about as long each, and those that share workers in the same."""
    groups: dict[str, list[CellPlan]] = {}
    for plan in plans:
        if plan.has_fault:
            groups.setdefault(worker_key(plan), []).append(plan)
    times_s = {key: sum(plan.rounds * struck_s(plan) for plan in group) for key, group in groups.items()}
    number = max(1, min(most, MOST, len(groups), int(sum(times_s.values()) // WORTH_S)))
    lanes: list[list[str]] = [[] for _ in range(number)]
    busy_s = [0.0] * number
    for key in sorted(groups, key=lambda key: (-times_s[key], key)):
        least = busy_s.index(min(busy_s))
        busy_s[least] += times_s[key]
        lanes[least] += [plan.id for plan in groups[key]]
    return lanes


class LanedTrials(RunTrials):
    """The first lane, whose services are the run's, and those beside it."""

    def __init__(
        self, setup: RunSetup, boots: Boots, document: Document, scratch: Path, beside: RunTrials | None = None
    ) -> None:
        """`beside`: the lane whose trials are numbered together with those of this one."""
        super().__init__(setup, boots, document, scratch)
        self._setup = setup
        if beside is not None:
            self.number_with(beside)

    @property
    def lanes(self) -> int:
        """How many of them measure cells with a fault at the same time."""
        return self._cells.lanes

    async def in_lanes(self, rounds: Callable[[Trials, list[CellPlan]], Awaitable[None]]) -> None:
        """All at once; the first one that cannot go on ends all."""
        here = [plan for plan in self.plans.values() if plan.has_fault and self._cells.is_here(plan)]

        async def first() -> None:
            await rounds(self, here)

        async with asyncio.TaskGroup() as group:
            group.create_task(first())
            for number in range(1, self._cells.lanes):
                group.create_task(self._beside(number, rounds))

    async def _beside(self, number: int, rounds: Callable[[Trials, list[CellPlan]], Awaitable[None]]) -> None:
        """Another lane, from the start of its services to their end."""
        setup = self._setup._replace(cells=self._cells.in_lane(number), lane=number)
        scratch = self._scratch / f"lane-{number}"
        scratch.mkdir()
        boots = boots_of(setup._replace(progress=Quiet()), scratch)
        async with boots.running():
            for plan in setup.cells.plans.values():
                self._document.describe(pending_cell(plan, setup.cells, boots.services))
            self._document.describe_brokers(boots.services.brokers.described())
            lane = LanedTrials(setup, boots, self._document, scratch, beside=self)
            await rounds(lane, list(setup.cells.plans.values()))
