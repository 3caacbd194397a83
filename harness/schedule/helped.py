"""Which rungs of a ladder helped and can be combined, and the view that combines them."""

from typing import Any

import msgspec

from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.plan.cells import cells
from harness.plan.contender_spec import parse_contender
from harness.plan.ladder import Ladder, RungPlan, with_settings
from harness.plan.plan import Plan, ViewPlan
from harness.results.model import Results, Rung, View
from harness.statistics.metrics import BY_KEY
from harness.statistics.rungs import TOGETHER, by_metric, effects


def helped(ladder: Ladder, results: Results) -> list[RungPlan]:
    """Rungs of the ladder's own base and work that made something faster and no rate slower, and can lose no work.

    Of those that exclude each other, the one that helped the most; in the ladder's order.
    """
    gains = {view.name: gain for view in results.run.views if (gain := _gain(results, view)) is not None}
    own = [rung for rung in ladder.rung if name_of(rung) in gains and _is_own(rung)]
    chosen: list[RungPlan] = []
    for rung in sorted(own, key=lambda rung: -gains[name_of(rung)]):
        if _can_be_together(ladder, [*chosen, rung]):
            chosen.append(rung)
    return [rung for rung in ladder.rung if rung in chosen]


def _gain(results: Results, view: View) -> float | None:
    """By how much a rung made its fastest metric faster; None if it did not, or not without harm."""
    if view.rung is None or view.rung.unsafe:
        return None
    of_rung = effects(results, view)
    if any(effect.verdict == "slower" and BY_KEY[effect.metric].kind == "rate" for effect in of_rung):
        return None
    faster = [effect.ratio for effect in by_metric(of_rung).values() if effect.verdict == "faster"]
    # A latency is faster below 1, a rate above.
    return max((max(ratio, 1 / ratio) for ratio in faster), default=None)


def _is_own(rung: RungPlan) -> bool:
    """Whether it changes the ladder's own base and work, rather than others that it brings."""
    return not (rung.base or rung.workload or rung.contenders)


def name_of(rung: RungPlan) -> str:
    """As its view is called."""
    return rung.name or rung.setting or ""


def _can_be_together(ladder: Ladder, rungs: list[RungPlan]) -> bool:
    """Whether each changes something else, and a contender can have all of their settings."""
    changed: list[str] = []
    for rung in rungs:
        changed += _listed(rung)
        if rung.drivers:
            changed.append("drivers")
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
    base = ViewPlan(
        name=TOGETHER,
        about=" and ".join(map(name_of, rungs)) + ", together",
        workloads=[ladder.workload],
        contenders=[ladder.base],
        loads=_loads(ladder, rungs, drivers),
        set={ladder.workload: ladder.set} if ladder.set else {},
        floor=False,
        publishing=True,
    )
    base_ids = tuple(cell.id for cell in cells(Plan(view=[base]), f"ladder {ladder.name}"))
    base = msgspec.structs.replace(base, rung=Rung(base=base_ids, gives_up="what each of them does", unsafe=False))
    params = dict(ladder.set)
    for rung in rungs:
        params |= _listed(rung)
    changed = msgspec.structs.replace(
        base,
        contenders=[with_settings(ladder.base, _settings(rungs))],
        drivers=[drivers] if drivers > 1 else [],
        set={ladder.workload: params} if params else {},
    )
    return [base, changed]


def _loads(ladder: Ladder, rungs: list[RungPlan], drivers: int) -> list[str]:
    """The ladder's own and those of the rungs, each once; without those that so many drivers cannot share."""
    loads = dict.fromkeys(ladder.loads)
    for rung in rungs:
        loads |= dict.fromkeys(rung.loads)
    return [load for load in loads if drivers == 1 or parse_load(load, ladder.name).share(0, drivers) is not None]
