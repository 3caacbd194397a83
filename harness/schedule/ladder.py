"""The schedule of `workbench ladder`: all rungs, then all that helped and loses no work, together."""

import random
from typing import Any

import msgspec

from harness.errors import ServiceError, UsageError
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.contender_spec import parse_contender
from harness.plan.ladder import Ladder, RungPlan, with_settings
from harness.plan.plan import Plan, ViewPlan
from harness.results.model import Results, Rung
from harness.schedule.schedule import Trials, mean_s, one_round
from harness.statistics.metrics import BY_KEY
from harness.statistics.rungs import TOGETHER, by_metric, effects

BASE_TIMES = 3
"""Trials of a base in each round, where so many rungs are compared with it: one that went badly would bend them all."""


class Climb:
    """Rounds of all rungs; then as many of the base and of what helped, in turn."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder

    async def run(self, trials: Trials) -> None:
        """Both stages."""
        shuffler = random.Random(trials.seed)
        plans = [plan for plan in trials.plans.values() for _ in range(min(BASE_TIMES, len(plan.views)))]
        trials.expect(len(plans) * self._ladder.rounds, mean_s(plans))
        for number in range(1, self._ladder.rounds + 1):
            await one_round(trials, number, plans, shuffler)
        rungs = helped(self._ladder, trials.results)
        if len(rungs) < 2:
            return
        try:
            added = await trials.extend(together(self._ladder, rungs))
        except ServiceError as error:  # what has been measured is shown all the same
            trials.note_run(ended=f"what helped could not be put together: {error}")
            return
        done = len(plans) * self._ladder.rounds
        trials.expect(done + len(added) * self._ladder.rounds, mean_s(added))
        for number in range(self._ladder.rounds + 1, 2 * self._ladder.rounds + 1):
            await one_round(trials, number, added, shuffler)


def helped(ladder: Ladder, results: Results) -> list[RungPlan]:
    """Rungs of the ladder's own base and work that made something faster and no rate slower, and can lose no work.

    Of those that cannot be had together, the one that helped the most; in the ladder's order.
    """
    gains: dict[str, float] = {}
    for view in results.run.views:
        found = effects(results, view)
        faster = [max(one.ratio, 1 / one.ratio) for one in by_metric(found).values() if one.verdict == "faster"]
        slower = any(one.verdict == "slower" and BY_KEY[one.metric].kind == "rate" for one in found)
        if view.rung and not view.rung.unsafe and faster and not slower:
            gains[view.name] = max(faster)
    own = [
        rung for rung in ladder.rung if name_of(rung) in gains and not (rung.base or rung.workload or rung.contenders)
    ]
    chosen: list[RungPlan] = []
    for rung in sorted(own, key=lambda one: -gains[name_of(one)]):
        if _can_be_together(ladder, [*chosen, rung]):
            chosen.append(rung)
    return [rung for rung in ladder.rung if rung in chosen]


def name_of(rung: RungPlan) -> str:
    """As its view is called."""
    return rung.name or rung.setting or ""


def _can_be_together(ladder: Ladder, rungs: list[RungPlan]) -> bool:
    """Whether each changes something else, and a contender can have all of their settings."""
    changed = [key for rung in rungs for key in (*_listed(rung), *(["drivers"] if rung.drivers else []))]
    if len(changed) > len(set(changed)):
        return False
    try:
        parse_contender(with_settings(ladder.base, _settings(rungs)), f"ladder {ladder.name}")
    except UsageError:
        return False
    return True


def _settings(rungs: list[RungPlan]) -> list[str]:
    return [rung.setting for rung in rungs if rung.setting is not None]


def _listed(rung: RungPlan) -> dict[str, Any]:
    """Parameters that it changes, with their new values."""
    return {key: values[-1] for key, values in rung.set.items() if isinstance(values, list)}


def together(ladder: Ladder, rungs: list[RungPlan]) -> list[ViewPlan]:
    """The base, and the base with all that they change, under every load of theirs: two parts of one view."""
    drivers = max((rung.drivers[-1] for rung in rungs if rung.drivers), default=1)
    loads = dict.fromkeys([*ladder.loads, *(load for rung in rungs for load in rung.loads)])
    names = [name_of(rung) for rung in rungs]
    base = ViewPlan(
        name=TOGETHER,
        about=" and ".join(names) + ", together",
        workloads=[ladder.workload],
        contenders=[ladder.base],
        loads=[load for load in loads if drivers == 1 or parse_load(load, ladder.name).share(0, drivers) is not None],
        set={ladder.workload: ladder.set} if ladder.set else {},
        floor=False,
    )
    base_ids = tuple(cell.id for cell in cells(Plan(view=[base]), f"ladder {ladder.name}"))
    base = msgspec.structs.replace(base, rung=Rung(base=base_ids, gives_up="what each of them does", unsafe=False))
    params = {**ladder.set, **{key: value for rung in rungs for key, value in _listed(rung).items()}}
    changed = msgspec.structs.replace(
        base,
        contenders=[with_settings(ladder.base, _settings(rungs))],
        drivers=[drivers] if drivers > 1 else [],
        set={ladder.workload: params} if params else {},
    )
    return [base, changed]
