"""What `--why` changes of a cell to find out what limits its rate: one thing at a time, each in a view. Pure."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.settings.setting import known
from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.plan.asked import Asked
from harness.plan.cells import cells
from harness.plan.contender_spec import ContenderSpec
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.results.model import Rung
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

PREFIX = "why "
"""Begins the ids of its cells: the plan's own keep the rounds that they have."""
MORE_SLOTS = 1.25
"""A quarter more moves a rate that slots limit by far more than noise; where that is no whole slot, one more."""
TWICE = 2


class Intervention(NamedTuple):
    """One change, and what limits the rate if it moves it."""

    name: str
    limit: str
    change: dict[str, Any]
    """Keys of the base's view that have other values."""


def why_views(cell: CellPlan, asked: Asked) -> list[ViewPlan]:
    """A view for each change that applies to the cell, with two cells: as it is, and changed."""
    base = ViewPlan(
        name="",
        workloads=[cell.workload],
        contenders=[str(cell.spec)],
        loads=[cell.load],
        drivers=[cell.drivers],
        set={cell.workload: cell.params} if cell.params else {},
        prefix=PREFIX,
        floor=False,
    )
    views = []
    for intervention in interventions(cell, asked):
        about = f"{intervention.name}: {cell.id}"
        view = msgspec.structs.replace(base, name=about, about=about, **intervention.change)
        (base_id,) = (made.id for made in cells(Plan(view=[base]), PREFIX))
        rung = Rung(base=(base_id,), gives_up="", unsafe=False, limit=intervention.limit, target=cell.id)
        views.append(msgspec.structs.replace(view, rung=rung))
    return views


def interventions(cell: CellPlan, asked: Asked) -> Iterator[Intervention]:
    """Those that apply, in an order from the cell outwards."""
    yield from _of_load(cell)
    yield from _of_work(cell)
    if not asked.external:
        yield from _of_slots(cell)
        yield from _of_settings(cell)
        yield from _of_drivers(cell)
    needs_origin = "origin" in registry.load("workload", cell.workload).needs
    if needs_origin and asked.origin is None and not asked.external:
        number = asked.origin_processes
        yield Intervention("one more process of the origin", "origin", {"origins": [None, number + 1]})


def is_target(cell: CellPlan) -> bool:
    """Whether its rate could move: a load of arrivals at a rate has its rate from outside."""
    return not parse_load(cell.load, cell.id).arrives


def _of_load(cell: CellPlan) -> Iterator[Intervention]:
    load = parse_load(cell.load, cell.id)
    if load.population is not None:
        yield Intervention("twice the clients", "clients", {"loads": [cell.load, f"closed:{TWICE * load.population}"]})


def _of_work(cell: CellPlan) -> Iterator[Intervention]:
    """Twice the places of a limit of the work's own that was set."""
    body, kind = contender_of(cell.contender, cell.tuning).body, registry.load("workload", cell.workload)
    for name in kind.places:
        value = cell.params[name]
        if value and kind.one_side().get(name, body) == body:
            params = cell.params | {name: [value, TWICE * value]}
            yield Intervention(f"twice the {name}", name, {"set": {cell.workload: params}})


def _of_slots(cell: CellPlan) -> Iterator[Intervention]:
    if cell.slots is None:
        return
    more = max(cell.slots + 1, math.ceil(MORE_SLOTS * cell.slots))
    spec = cell.spec._replace(slots=more)
    if _can_be(spec):
        name = "one slot more" if more == cell.slots + 1 else f"{more} slots instead of {cell.slots}"
        yield Intervention(name, "slots", {"contenders": [str(cell.spec), str(spec)]})


def _of_settings(cell: CellPlan) -> Iterator[Intervention]:
    """The settings of its side that relieve something."""
    side = contender_of(cell.contender, cell.tuning).side
    for setting in known(side).values():
        spec = cell.spec._replace(settings=(*cell.spec.settings, setting.name))
        if setting.relieves and _can_be(spec) and _can_do(spec, cell.workload):
            yield Intervention(f"+{setting.name}", setting.relieves, {"contenders": [str(cell.spec), str(spec)]})


def _of_drivers(cell: CellPlan) -> Iterator[Intervention]:
    more = cell.drivers + 1
    executes = not contender_of(cell.contender, cell.tuning).needs_broker
    too_few_slots = executes and cell.slots is not None and cell.slots < more
    if cell.requests is None and not too_few_slots and parse_load(cell.load, cell.id).share(0, more) is not None:
        limit = "driver (the process with the event loop)" if executes else "driver"
        yield Intervention("one driver more", limit, {"drivers": [cell.drivers, more]})


def _can_be(spec: ContenderSpec) -> bool:
    """Whether a contender can have these slots and settings."""
    try:
        contender_of(spec.name, spec.settings).slots(spec.slots, PREFIX)
    except UsageError:
        return False
    return True


def _can_do(spec: ContenderSpec, workload: str) -> bool:
    return contender_of(spec.name, spec.settings).cannot(workload, None) is None


def rounds_of(plan: Plan) -> int:
    """Rounds of the search: as many as the plan has, and enough for a verdict."""
    return max(ROUNDS_FOR_VERDICT, plan.rounds if isinstance(plan.rounds, int) else ROUNDS_FOR_VERDICT)


def check_why(asked: Asked, plan: Plan, planned: Iterable[CellPlan]) -> list[CellPlan]:
    """The cells whose limit is looked for; raises UsageError if there is none."""
    if not asked.why:
        return []
    if plan.find_rate is not None:
        raise UsageError("--why and --find-rate exclude each other: a search names what limited its highest rate.")
    targets = [cell for cell in planned if is_target(cell)]
    if not targets:
        raise UsageError(
            "--why: the rate of an open load is given, and nothing moves it. Use closed:N, drain:N or burst:N."
        )
    return targets
