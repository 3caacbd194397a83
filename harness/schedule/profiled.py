"""The schedule of `--profile`: the run's own, then each of its rows once more while stacks are sampled."""

from collections.abc import Callable, Iterable

from harness.errors import ServiceError
from harness.plan.plan import CellPlan
from harness.plan.profile import profile_view
from harness.progress.progress import Expected
from harness.schedule.schedule import Schedule, Trials, can_run, mean_s


class Profiled:
    """Its trials come last, so that no figure of the others is disturbed."""

    def __init__(self, first: Schedule, is_row: Callable[[CellPlan], bool]) -> None:
        """`first`: the run's own schedule; `is_row`: whether that cell is measured once more."""
        self._first = first
        self._is_row = is_row

    async def run(self, trials: Trials) -> None:
        """Both; rows that were not measured are left out."""
        await self._first.run(trials)
        rows = [plan for plan in trials.plans.values() if self._is_row(plan)]
        measured = [plan for plan in rows if trials.cell(plan.id).status == "measured"]
        if not measured:
            return
        try:
            added = await self._added(trials, measured)
        except ServiceError as error:  # what has been measured is still shown
            trials.note_run(ended=f"--profile was not possible: {error}")
            return
        trials.expect(Expected(sum(len(cell.trials) for cell in trials.results.cells) + len(added), mean_s(added)))
        number = max(1, trials.results.run.rounds)
        for plan in added:
            if can_run(trials.cell(plan.id)):
                await trials.measure(plan.id, number)

    async def _added(self, trials: Trials, rows: Iterable[CellPlan]) -> list[CellPlan]:
        return await trials.extend([profile_view(plan) for plan in rows])
