"""Whether a ratio of two rows says something of them, rather than of the set-up. Pure functions.

A ratio of rates does only where both rows have the same slots, and enough clients to keep all of these busy also while
requests and replies are under way: otherwise more clients make another ratio. And only where there is more work than it
takes to do nothing. Costs of a request are ratios of the rows themselves under any load.
"""

import math

from harness.results.model import Cell
from harness.statistics.metrics import Metric

NO_WORK = "no work, so no ratio"
LITTLE_WORK = "a request that does nothing takes as long"
UNEQUAL_SLOTS = "slots differ"
CLIENTS_A_SLOT = 2
IDLE_SLOTS = f"fewer than {CLIENTS_A_SLOT} clients a slot"


def without_work(cell: Cell) -> bool:
    """Whether it is a no-op: what it shows is the floor, and a ratio of floors is told nowhere."""
    return cell.ideal_s == 0


def unranked(base: Cell, other: Cell, metric: Metric) -> str | None:
    """Why these two have no ratio of that speed; None if they have one, and for all costs but those of no-ops."""
    if without_work(base):
        return NO_WORK
    if metric.kind != "rate":
        return None
    if base.slots != other.slots:
        return UNEQUAL_SLOTS
    if not (keeps_slots_busy(base) and keeps_slots_busy(other)):
        return IDLE_SLOTS
    return LITTLE_WORK if _little(base) or _little(other) else None


def keeps_slots_busy(cell: Cell) -> bool:
    """Whether its load has a request for every slot at any time, and as many on their way."""
    at_once = cell.load.clients or cell.load.requests or math.inf
    return cell.slots is not None and at_once >= CLIENTS_A_SLOT * cell.slots


def _little(cell: Cell) -> bool:
    """Whether the work, by its ideal time or else by its execution, takes no longer than a no-op on this contender."""
    if cell.summary is None or cell.summary.floor_ms is None:
        return False
    executing_ms = cell.summary.stages_ms.get("execution")
    work_ms = executing_ms if cell.ideal_s is None else 1000 * cell.ideal_s
    return work_ms is not None and work_ms <= cell.summary.floor_ms
