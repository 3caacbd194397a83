"""The floor: what each contender of a run costs with a no-op, measured in the same run (rule 12)."""

from harness.accounting import Floor
from harness.model import Cell, Trial
from harness.plan import CellPlan, Plan
from harness.stats import ROUNDS_FOR_VERDICT

VIEW = "floor"
"""The view of these cells: it has no table of its own, its figures stand under every table."""
WORKLOAD = "noop"
ALONE = "closed:1"
WARMUP_S, DURATION_S = 0.1, 0.4
BACKLOG = 200
"""Requests of the drain at the least, and for each slot."""
BACKLOG_A_SLOT = 10


def with_floor(plan: Plan, cells: list[CellPlan]) -> list[CellPlan]:
    """The cells of a plan, and those that measure the floor of its contenders; one that is both stays the plan's."""
    found = {cell.id: cell for cell in cells}
    rounds = plan.rounds if plan.rounds >= ROUNDS_FOR_VERDICT else 1
    for contender, slots in dict.fromkeys((cell.contender, cell.slots) for cell in cells):
        loads = [ALONE] if slots is None else [ALONE, f"drain:{max(BACKLOG, BACKLOG_A_SLOT * slots)}"]
        for load in loads:
            cell = CellPlan(
                id=f"{WORKLOAD}/{contender}{'' if slots is None else f':{slots}'}/{load}",
                views=[VIEW],
                workload=WORKLOAD,
                params={},
                contender=contender,
                slots=slots,
                load=load,
                warmup_s=WARMUP_S,
                duration_s=DURATION_S,
                rounds=rounds,
            )
            found.setdefault(cell.id, cell)
    return list(found.values())


def floor_of(cells: list[Cell], contender: str, slots: int | None) -> Floor:
    """What is known of a contender's floor so far."""
    mine = [cell for cell in cells if (cell.contender, cell.slots, cell.workload) == (contender, slots, WORKLOAD)]
    alone = [trial for cell in mine if cell.load["text"] == ALONE for trial in cell.trials]
    drained = [trial for cell in mine if cell.load["kind"] == "drain" for trial in cell.trials]
    return Floor(
        latency_ms=_mean([latency for trial in alone if (latency := _middle_ms(trial)) is not None]),
        slot_overhead_ms=_mean([trial.slot_overhead_ms for trial in drained if trial.slot_overhead_ms is not None]),
    )


def is_floor(cell: Cell) -> bool:
    """Whether a cell's latency is the floor itself, or made of it."""
    return cell.workload == WORKLOAD


def _middle_ms(trial: Trial) -> float | None:
    """Median, else mean: a few late ones are not the floor."""
    latency = trial.latency_ms
    if latency is None or trial.status != "measured":
        return None
    return latency.mean if latency.p50 is None else latency.p50


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
