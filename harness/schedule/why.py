"""The schedule of `--why`: the run's own, then rounds in which one thing at a time is changed of each of its rows."""

from collections.abc import Iterable, Sequence

import msgspec

from harness.errors import ServiceError
from harness.plan.cells import cells
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.plan.why import rounds_of
from harness.progress.progress import Expected
from harness.schedule.schedule import Schedule, Trials, mean_s, one_round, shuffler_of


class Why:
    """The bottleneck by intervention: each change and its base in the same rounds."""

    def __init__(self, first: Schedule, plan: Plan, views: Sequence[ViewPlan]) -> None:
        """`first`: the run's own schedule; `views`: a change each."""
        self._first = first
        self._plan = plan
        self._views = views

    async def run(self, trials: Trials) -> None:
        """Both; changes of rows that were not measured are left out."""
        await self._first.run(trials)
        views = [view for view in self._views if view.rung and trials.cell(view.rung.target).status == "measured"]
        each_round = await self._added(trials, views)
        if not each_round:
            return
        done, rounds = sum(len(cell.trials) for cell in trials.results.cells), rounds_of(self._plan)
        trials.expect(Expected(done + rounds * len(each_round), mean_s(each_round)))
        shuffler, first = shuffler_of(trials), trials.results.run.rounds + 1
        for number in range(first, first + rounds):
            await one_round(trials, number, each_round, shuffler)

    async def _added(self, trials: Trials, views: list[ViewPlan]) -> list[CellPlan]:
        """The cells of a round, as often as it has them; none where they could not be started."""
        try:
            for view in views:
                await trials.extend([view])
        except ServiceError as error:  # what has been measured is still shown
            trials.note_run(ended=f"--why was not possible: {error}")
            return []
        return _each_round(self._plan, views)


def cost_of(plan: Plan, views: Iterable[ViewPlan]) -> tuple[int, float]:
    """How many trials the search has, and about how many seconds they take."""
    each_round = _each_round(plan, views)
    trials = rounds_of(plan) * len(each_round)
    return trials, trials * mean_s(each_round) if each_round else 0.0


def _each_round(plan: Plan, views: Iterable[ViewPlan]) -> list[CellPlan]:
    made = cells(msgspec.structs.replace(plan, view=list(views)), "--why")
    return [cell for cell in made for _ in range(cell.times_a_round)]
