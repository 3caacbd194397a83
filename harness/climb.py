"""The schedule of `workbench ladder`: all rungs, then all safe settings that helped, together."""

import random

from harness.compare import RATES
from harness.errors import UsageError
from harness.ladder import Ladder, with_settings
from harness.model import Results, Rung
from harness.plan import CellPlan, ViewPlan, parse_contender
from harness.rungs import TOGETHER
from harness.schedule import FixedRounds, Trials, mean_s, one_round


class Climb:
    """Rounds of all rungs; then as many of the base and of what helped, in turn."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder

    async def run(self, trials: Trials) -> None:
        """Both stages."""
        await FixedRounds().run(trials)
        names = helped(self._ladder, trials.results)
        if len(names) < 2:
            return
        plans = await trials.extend(together(self._ladder, names))
        done = sum(len(cell.trials) for cell in trials.results.cells)
        trials.expect(done + len(plans) * self._ladder.rounds, mean_s(plans))
        trials.note_run(rounds=2 * self._ladder.rounds)
        await self._second_stage(trials, plans)

    async def _second_stage(self, trials: Trials, plans: list[CellPlan]) -> None:
        shuffler = random.Random(trials.seed + 1)
        for number in range(self._ladder.rounds + 1, 2 * self._ladder.rounds + 1):
            await one_round(trials, number, plans, shuffler)


def helped(ladder: Ladder, results: Results) -> list[str]:
    """Settings of the ladder's own base that made something faster and no rate slower, and can lose no work.

    Of settings that exclude each other, the first.
    """
    unsafe = {view.name for view in results.run.views if view.rung and view.rung.unsafe}
    chosen: list[str] = []
    for rung in ladder.rung:
        if rung.setting is None or rung.base or rung.workload or (name := rung.name or rung.setting) in unsafe:
            continue
        found = [one for one in results.comparisons if one.view == name]
        if any(one.verdict == "slower" and one.metric in RATES for one in found):
            continue
        if not any(one.verdict == "faster" for one in found):
            continue
        try:
            parse_contender(with_settings(ladder.base, [*chosen, rung.setting]), f"ladder {ladder.name}")
        except UsageError:
            continue
        chosen.append(rung.setting)
    return chosen


def together(ladder: Ladder, names: list[str]) -> ViewPlan:
    """The rung of all of them, under every load of theirs."""
    chosen = [rung for rung in ladder.rung if rung.setting in names]
    loads = dict.fromkeys([*ladder.loads, *(load for rung in chosen for load in rung.loads)])
    return ViewPlan(
        name=TOGETHER,
        about=" and ".join(names) + ", together",
        workloads=[ladder.workload],
        contenders=[ladder.base, with_settings(ladder.base, names)],
        loads=list(loads),
        set={ladder.workload: ladder.set} if ladder.set else {},
        floor=False,
        rung=Rung(gives_up="what each of them does", unsafe=False),
    )
