"""A run whose trials are made up: what a schedule asks of it is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec

from harness.loads.load import parse_load
from harness.plan.plan import CellPlan, ViewPlan
from harness.progress.progress import Expected
from harness.results.model import Cell, HighestRate, Results, Trial
from harness.schedule.schedule import Schedule, Trials
from tests.builders import cell_of, summarised, trial_of


class Recorded:
    """A session that measures what it is told: `rate(identity, round)` is each trial's throughput."""

    seed = 1
    ceiling_per_s: float | None = None
    """Of all its cells."""
    results: Results

    def __init__(self, plans: list[CellPlan], rate: Callable[[str, int], float] = lambda *_: 100.0) -> None:
        self._plans = {plan.id: plan for plan in plans}
        self._rate = rate
        self._cells = {
            plan.id: msgspec.structs.replace(
                cell_of(),
                id=plan.id,
                views=plan.views,
                trials=[],
                status="pending",
                ceiling_per_s=self.ceiling_per_s,
            )
            for plan in plans
        }
        self.measured: list[tuple[str, int]] = []
        self.begun: list[int] = []
        self.lanes_begun_after: int | None = None
        """So many trials."""
        self.probed: list[tuple[str, str, float]] = []
        self.expected: list[int] = []
        self.most_s: list[float | None] = []
        self.within_s: list[float | None] = []
        self.of_cells: Mapping[str, float] = {}
        self.noted: list[str] = []
        self.said: dict[str, Any] = {}
        self.finished: list[str] = []

    @property
    def plans(self) -> Mapping[str, CellPlan]:
        """As the schedule left them."""
        return self._plans

    def cell(self, identity: str) -> Cell:
        """As it stands."""
        return self._cells[identity]

    async def begin_round(self, number: int) -> None:
        """Notes it."""
        self.begun.append(number)

    async def measure(self, identity: str, round_number: int) -> Trial:
        """Notes it."""
        self.measured.append((identity, round_number))
        trial = self._trial(self._plans[identity], round_number)
        cell = self._cells[identity]
        made = summarised(cell_of(trials=[*cell.trials, trial]))
        self._cells[identity] = msgspec.structs.replace(
            cell, trials=made.trials, summary=made.summary, status="measured"
        )
        return trial

    @property
    def lanes(self) -> int:
        """One."""
        return 1

    async def in_lanes(self, rounds: Callable[[Trials, list[CellPlan]], Awaitable[None]]) -> None:
        """In one."""
        self.lanes_begun_after = len(self.measured)
        await rounds(self, [plan for plan in self._plans.values() if plan.has_fault])

    async def probe(self, plan: CellPlan) -> Trial:
        """Notes it."""
        self.probed.append((plan.id, plan.load, plan.duration_s))
        return self._trial(plan, 0)

    def _trial(self, plan: CellPlan, round_number: int) -> Trial:
        rate = self._rate(plan.id, round_number)
        load = parse_load(plan.load, "the test").settings()
        too_much = load.get("rate_per_s", 0) > rate
        lost = {"submitted": 100, "ok": 50, "lost": 50} if too_much else {}
        return msgspec.structs.replace(
            trial_of(round_number, min(rate, load.get("rate_per_s", rate))), bottleneck="slots", **lost
        )

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """These schedules do not."""
        raise NotImplementedError

    def adopt(self, plan: CellPlan) -> None:
        """Without trials."""
        self._plans[plan.id] = plan
        cell = self._cells[plan.id]
        self._cells[plan.id] = msgspec.structs.replace(cell, trials=[], summary=None, status="pending")

    def note_rate(self, identity: str, highest: HighestRate) -> None:
        """Keeps it."""
        self._cells[identity] = msgspec.structs.replace(self._cells[identity], highest_rate=highest)

    def finish(self, identities: Iterable[str]) -> None:
        """Keeps them."""
        self.finished += identities

    def allow(self, identity: str, **bounds: float) -> None:
        """As the session does."""
        self._plans[identity] = msgspec.structs.replace(self._plans[identity], **bounds)

    @property
    def calls_left(self) -> int | None:
        """Without a bound."""
        return None

    def expect(self, expected: Expected) -> None:
        """Keeps it."""
        self.within_s.append(expected.within_s)
        self.of_cells = expected.of_cells
        self.expected.append(expected.trials)
        self.most_s.append(expected.most_s)

    def note(self, text: str) -> None:
        """Keeps it."""
        self.noted.append(text)

    def note_run(self, **changes: object) -> None:
        """Keeps it."""
        self.said |= changes


def plan_of(name: str, rounds: int = 3, views: list[str] | None = None, load: str = "closed:8") -> CellPlan:
    """A cell to measure."""
    return CellPlan(
        id=name,
        views=views or ["view"],
        workload="sleep",
        params={},
        contender="fake",
        slots=4,
        load=load,
        rounds=rounds,
    )


def ran(schedule: Schedule, plans: list[CellPlan], rate: Callable[[str, int], float] = lambda *_: 100.0) -> Recorded:
    """What a schedule had measured."""
    trials = Recorded(plans, rate)
    asyncio.run(schedule.run(trials))
    return trials
