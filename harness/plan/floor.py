"""The floor: what each contender of a run costs by itself, measured in the same run."""

import msgspec

from harness.accounting.accounting import Floor
from harness.plan.cells import cells
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.results.model import Cell, Trial
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

VIEW = "floor"
"""The view of these cells: it has no table of its own, its figures stand under every table."""
ALONE = ("noop", "closed:1")
WARMUP, DURATION = "100ms", "400ms"
BACKLOG = "sleep"
"""What the slots work off: long enough that they are the limit, rather than the process that feeds them."""
BACKLOG_S = 0.1
BACKLOG_LEAST, BACKLOG_A_SLOT = 12, 6
"""Requests of the backlog, at the least and for each slot."""


def with_floor(plan: Plan, asked: list[CellPlan]) -> list[CellPlan]:
    """The cells of a plan, and those that measure the floor of its contenders; one that is both stays the plan's."""
    wanted = {view.name for view in plan.view if view.floor}
    mine = [cell for cell in asked if wanted & set(cell.views)]
    if not mine:
        return asked
    found = {cell.id: cell for cell in asked}
    views = []
    for spec in dict.fromkeys(cell.spec for cell in mine):
        name, slots = str(spec), spec.slots
        workload, load = ALONE
        views.append(ViewPlan(name=VIEW, workloads=[workload], contenders=[name], loads=[load]))
        if slots is not None:
            settings = {BACKLOG: {"seconds": BACKLOG_S}}
            load = f"drain:{_backlog(slots)}"
            views.append(ViewPlan(name=VIEW, workloads=[BACKLOG], contenders=[name], loads=[load], set=settings))
    most = max(cell.rounds for cell in mine)
    rounds = most if most >= ROUNDS_FOR_VERDICT and plan.find_rate is None else 1
    own = Plan(rounds=rounds, warmup=WARMUP, duration=DURATION, view=views)
    for cell in cells(own, "the floor"):
        known = found.get(cell.id)
        found[cell.id] = msgspec.structs.replace(known, views=[*known.views, VIEW]) if known else cell
    return list(found.values())


def _backlog(slots: int) -> int:
    return max(BACKLOG_LEAST, BACKLOG_A_SLOT * slots)


def floor_of(known: list[Cell], name: str, slots: int | None) -> Floor:
    """What is known so far of the floor of a contender, as `Cell.name` has it."""
    mine = [cell for cell in known if (cell.name, cell.slots) == (name, slots)]
    alone = [trial for cell in mine if (cell.workload, cell.load.text) == ALONE for trial in cell.trials]
    drains = [cell for cell in mine if VIEW in cell.views and cell.load.kind == "drain"]
    drained = [trial for cell in drains for trial in cell.trials if trial.status == "measured"]
    return Floor(
        latency_ms=_mean([latency for trial in alone if (latency := _middle_ms(trial)) is not None]),
        slot_overhead_ms=_mean([trial.slot_overhead_ms for trial in drained if trial.slot_overhead_ms is not None]),
    )


def is_floor(cell: Cell) -> bool:
    """Whether a cell's latency is the floor itself, or made of it."""
    return cell.workload == ALONE[0] or VIEW in cell.views


def _middle_ms(trial: Trial) -> float | None:
    """Median, else mean: a few late ones are not the floor."""
    latency = trial.latency_ms
    if latency is None or trial.status != "measured":
        return None
    return latency.mean if latency.p50 is None else latency.p50


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
