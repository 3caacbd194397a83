"""The schedule of --profile: the run's own first, then its rows once more."""

import asyncio

from harness.errors import ServiceError
from harness.plan.cells import cells
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.plan.profile import PREFIX, WINDOW_S, profile_view
from harness.results.profile import VIEW
from harness.schedule.profiled import Profiled
from harness.schedule.schedule import FixedRounds
from tests.builders import results_of
from tests.harness.schedule.recorded import Recorded

PLAN = Plan(
    rounds=2, view=[ViewPlan(name="v", workloads=["sleep"], contenders=["fake:4", "fake:2"], loads=["closed:8"])]
)
FIRST, SECOND = cells(PLAN, "here")


class Growing(Recorded):
    """A session that takes views on."""

    refuses = False

    def __init__(self) -> None:
        super().__init__([FIRST, SECOND])
        self.results = results_of([])

    async def extend(self, views: list[ViewPlan]) -> list[CellPlan]:
        """Unless it cannot."""
        if self.refuses:
            raise ServiceError("no worker")
        made = cells(Plan(rounds=2, view=views), "here")
        new = Recorded(made)
        self._plans |= new.plans
        self._cells |= {plan.id: new.cell(plan.id) for plan in made}
        return made


def ran(trials: Growing) -> Growing:
    """Of the first cell alone."""
    asyncio.run(Profiled(FixedRounds(), lambda cell: cell.id == FIRST.id).run(trials))
    return trials


def test_rows_are_measured_once_more_at_the_end() -> None:
    """Once, in cells of their own, which are sampled."""
    trials = ran(Growing())
    assert [identity for identity, _ in trials.measured][4:] == [f"{PREFIX}{FIRST.id}"]
    assert trials.plans[f"{PREFIX}{FIRST.id}"].profile
    assert trials.plans[f"{PREFIX}{FIRST.id}"].views == [VIEW]
    assert not trials.plans[FIRST.id].profile


def test_what_cannot_be_sampled_is_said() -> None:
    """And what was measured stays."""
    trials = Growing()
    trials.refuses = True
    assert ran(trials).said == {"ended": "--profile was not possible: no worker"}
    assert len(trials.measured) == 4


def test_the_window_is_long_enough_for_samples() -> None:
    """Or as long as the row's own."""
    assert profile_view(FIRST).duration == f"{max(WINDOW_S, FIRST.duration_s):g}s"
    (made,) = cells(Plan(view=[profile_view(FIRST)]), "here")
    assert (made.workload, made.params, made.slots, made.load) == ("sleep", FIRST.params, 4, "closed:8")
