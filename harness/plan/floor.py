"""The floor: what each contender of a run costs without any work, measured in the same run."""

import msgspec

from harness.accounting.summary import Floor
from harness.contenders.contender import contender_of
from harness.contenders.settings.setting import no_backlog
from harness.jobs import registered
from harness.plan.cells import cells
from harness.plan.contender_spec import ContenderSpec
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.results.model import FLOOR, Cell, Trial
from harness.statistics.intervals import ROUNDS_FOR_VERDICT

VIEW = FLOOR
"""The view of these cells: it has no table; its figures are shown under every other table."""
ALONE = ("noop", "closed:1")
WARMUP, DURATION = "100ms", "400ms"
BACKLOG = "sleep"
"""The backlog's workload: each request takes long enough that the slots are the limit, not the process feeding them."""
BACKLOG_S = 0.1
BACKLOG_LEAST, BACKLOG_A_SLOT = 12, 6
"""Requests of the backlog, at the least and for each slot."""


def with_floor(plan: Plan, asked: list[CellPlan], *, external: bool = False) -> list[CellPlan]:
    """The cells of a plan, and those that measure the floor of its contenders; a cell that is both stays the plan's.

    External workers that were started for a job of the user's own have no other task: it has no floor there.
    """
    shown = {view.name for view in plan.view if view.floor}
    measured = [
        cell
        for cell in asked
        if shown & set(cell.views) and not cell.has_fault and not (external and _has_own_workers(cell))
    ]
    if not measured:
        return asked
    by_id = {cell.id: cell for cell in asked}
    for cell in cells(_floor_plan(plan, measured), "the floor"):
        known = by_id.get(cell.id)
        by_id[cell.id] = msgspec.structs.replace(known, views=[*known.views, VIEW]) if known else cell
    return list(by_id.values())


def _has_own_workers(cell: CellPlan) -> bool:
    return cell.broker is not None and registered.find(cell.workload) is not None


def _floor_plan(plan: Plan, measured: list[CellPlan]) -> Plan:
    """A no-op alone for each contender, and a backlog for each that has slots and can be paused.

    Once, unless rounds give a verdict.
    """
    views = []
    for spec in dict.fromkeys(cell.spec for cell in measured):
        workload, load = ALONE
        views.append(ViewPlan(name=VIEW, workloads=[workload], contenders=[str(spec)], loads=[load]))
        contender = contender_of(spec.name, spec.settings)
        if spec.slots is not None and not (contender.not_paused or no_backlog(contender.tuning)):
            views.append(_backlog(spec, spec.slots))
    rounds = max(cell.rounds for cell in measured)
    enough = rounds >= ROUNDS_FOR_VERDICT and plan.find_rate is None
    return Plan(rounds=rounds if enough else 1, warmup=WARMUP, duration=DURATION, view=views)


def _backlog(spec: ContenderSpec, slots: int) -> ViewPlan:
    return ViewPlan(
        name=VIEW,
        workloads=[BACKLOG],
        contenders=[str(spec)],
        loads=[f"drain:{max(BACKLOG_LEAST, BACKLOG_A_SLOT * slots)}"],
        set={BACKLOG: {"seconds": BACKLOG_S}},
    )


def floor_of(known: list[Cell], name: str, slots: int | None) -> Floor:
    """What is known so far of the floor of a contender, as `Cell.name` has it."""
    of_contender = [cell for cell in known if (cell.name, cell.slots) == (name, slots) and not cell.profiled]
    alone = [trial for cell in of_contender if (cell.workload, cell.load.text) == ALONE for trial in cell.trials]
    drains = [cell for cell in of_contender if VIEW in cell.views and cell.load.kind == "drain"]
    drained = [trial for cell in drains for trial in cell.trials if trial.status == "measured"]
    return Floor(
        latency_ms=_mean([latency for trial in alone if (latency := _middle_ms(trial)) is not None]),
        slot_overhead_ms=_mean([trial.slot_overhead_ms for trial in drained if trial.slot_overhead_ms is not None]),
    )


def is_floor(cell: Cell) -> bool:
    """Whether a cell's latency is the floor itself, or made of it."""
    return cell.workload == ALONE[0] or VIEW in cell.views


def _middle_ms(trial: Trial) -> float | None:
    """Median, else mean, from the send: a few late ones are not the floor, nor is what the driver does in between."""
    latency = trial.uncorrected_ms or trial.latency_ms
    if latency is None or trial.status != "measured":
        return None
    return latency.mean if latency.p50 is None else latency.p50


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
