"""The search for what limits a rate: after the run, each change in the same rounds as its base."""

import asyncio
from collections import Counter

import msgspec

from harness.errors import ServiceError
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.plan.why import why_views
from harness.results.model import Trial
from harness.schedule.schedule import FixedRounds
from harness.schedule.why import Why, cost_of
from tests.builders import results_of
from tests.harness.schedule.recorded import Recorded

PLAN = Plan(
    rounds=2,
    view=[ViewPlan(name="v", workloads=["sleep"], contenders=["celery-threads:4", "fake:4"], loads=["closed:8"])],
)
OWN, OTHER = (cell.id for cell in cells(PLAN, "here"))


class Growing(Recorded):
    """A session that takes views on while it runs."""

    def __init__(self) -> None:
        super().__init__(cells(PLAN, "here"))
        self.results = results_of([])
        self.results = msgspec.structs.replace(self.results, run=msgspec.structs.replace(self.results.run, rounds=2))
        self.refuses = False
        self.skipped: set[str] = set()

    async def measure(self, identity: str, round_number: int) -> Trial:
        """The document's cells are counted."""
        trial = await super().measure(identity, round_number)
        if identity in self.skipped:
            self._cells[identity] = msgspec.structs.replace(self._cells[identity], status="failed")
        self.results = msgspec.structs.replace(self.results, cells=list(self._cells.values()))
        return trial

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """With workers of their own, unless there are none."""
        if self.refuses:
            raise ServiceError("the worker did not answer")
        made = cells(msgspec.structs.replace(PLAN, view=views), "here")
        new = Recorded([cell for cell in made if cell.id not in self._plans])
        self._plans |= new.plans
        self._cells |= {identity: new.cell(identity) for identity in new.plans}
        return made


def views_of() -> list[ViewPlan]:
    """The changes of the first row."""
    return why_views(cells(PLAN, "here")[0], Asked(why=True))


def ran(trials: Growing) -> Counter[str]:
    """How often each cell was measured after the run's own rounds."""
    asyncio.run(Why(FixedRounds(), PLAN, views_of()).run(trials))
    assert trials.measured[:4] == sorted(trials.measured[:4], key=lambda trial: trial[1])
    return Counter(identity for identity, number in trials.measured if number > 2)


def test_each_change_is_measured_with_its_base_in_rounds_of_their_own() -> None:
    """Five, so that there is a verdict; the base, which all share, three times in each."""
    trials = Growing()
    counts = ran(trials)
    base = f"why {OWN}"
    assert counts.pop(base) == 15
    assert set(counts.values()) == {5}
    assert len(counts) == len(views_of())
    assert not {OWN, OTHER} & counts.keys()
    assert trials.expected[-1] == len(trials.measured)


def test_its_cost_is_known_before() -> None:
    """As many trials as it then runs."""
    trials, about_s = cost_of(PLAN, views_of())
    assert trials == ran(Growing()).total()
    assert about_s > trials * 5  # seconds of each window


def test_a_row_that_was_not_measured_is_not_searched() -> None:
    """There is no rate to move."""
    trials = Growing()
    trials.skipped = {OWN}
    assert not ran(trials)


def test_without_its_workers_the_run_is_still_shown() -> None:
    """With the reason."""
    trials = Growing()
    trials.refuses = True
    assert not ran(trials)
    assert trials.said == {"ended": "--why was not possible: the worker did not answer"}
