"""From which rate on no queue is stable, as it is known before a request is sent."""

from collections.abc import Iterator
from typing import NamedTuple

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.sides.places import places_of
from harness.plan.plan import CellPlan
from harness.recording.parts import has_parts
from harness.results.model import NOT_SENT, Cell, Trial
from workloads.workload import Services


class Ceiling(NamedTuple):
    """A rate that cannot be served for long, and what it follows from."""

    per_s: float
    why: str


def ceiling_of(plan: CellPlan, cell: Cell) -> Ceiling | None:
    """The lowest that is known: of slots, of a pool within the work, of a service that limits its callers."""
    return min(_known(plan, cell), default=None)


def _known(plan: CellPlan, cell: Cell) -> Iterator[Ceiling]:
    definition = registry.load("workload", plan.workload)
    is_ours = not any(why.startswith(NOT_SENT) for why in cell.not_in_effect.values())
    work = definition(definition.Params(**plan.params), Services(origin_is_ours=is_ours), 0)
    contender = contender_of(plan.contender, plan.tuning)
    if cell.slots and cell.ideal_s and (cell.ceiling_per_s or has_parts(work)):  # in the long run also of several kinds
        yield Ceiling(cell.slots / cell.ideal_s, f"{cell.slots} slots ÷ {cell.ideal_s:g} s")
    if not contender.needs_broker:  # how many workers there are, a plan does not know
        places = places_of(work, contender, plan.slots, drivers=plan.drivers, shards=1)
        if places is not None and places.held_s:
            per_s = places.number / places.held_s
            yield Ceiling(per_s, f"{places.number} {places.name} ÷ {places.held_s:g} s")
    if work.allowance is not None:
        yield Ceiling(work.allowance.per_s, "what the service allows")


def beyond_slots(trial: Trial, rate_per_s: float, slots: int | None) -> str | None:
    """Why no queue is stable at that rate, by the executions that were seen; None where slots are not used up.

    A trial is too short to show how a queue grows that has no room, or hardly any.
    """
    execution = trial.stages_ms.execution if trial.stages_ms is not None else None
    if "slots" not in trial.busy or slots is None or execution is None:
        return None
    needed = rate_per_s * execution.mean / 1000
    if needed < slots:
        return None
    return f"{rate_per_s:g}/s × {execution.mean:.4g} ms take {needed:.4g} slots, and there are {slots}"
