"""The schedule of `workbench ladder`: all rungs, then all that helped and loses no work, together."""

from collections.abc import Sequence

from harness.errors import ServiceError
from harness.plan.ladder import Ladder
from harness.plan.plan import CellPlan
from harness.progress.progress import Expected
from harness.schedule.helped import helped, together
from harness.schedule.schedule import Trials, mean_s, one_round, shuffler_of


class Climb:
    """Rounds of all rungs; then as many of the base and of what helped, in turn."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder

    async def run(self, trials: Trials) -> None:
        """Both stages; the second one only where two or more rungs helped."""
        rungs = [plan for plan in trials.plans.values() for _ in range(plan.times_a_round)]
        shuffler, rounds = shuffler_of(trials), self._ladder.rounds
        trials.expect(Expected(len(rungs) * rounds, mean_s(rungs)))
        for number in range(1, rounds + 1):
            await one_round(trials, number, rungs, shuffler)
        added = await self._added(trials)
        if not added:
            return
        trials.expect(Expected((len(rungs) + len(added)) * rounds, mean_s(added)))
        for number in range(rounds + 1, 2 * rounds + 1):
            await one_round(trials, number, added, shuffler)

    async def _added(self, trials: Trials) -> Sequence[CellPlan]:
        """The cells of all that helped, together; none where there is nothing to put together."""
        rungs = helped(self._ladder, trials.results)
        if len(rungs) < 2:
            return []
        try:
            return await trials.extend(together(self._ladder, rungs))
        except ServiceError as error:  # what has been measured is still shown
            trials.note_run(ended=f"what helped could not be combined: {error}")
            return []
