"""Why a cell cannot be measured over several brokers of one kind; None where it can."""

from harness.loads.load import parse_load
from harness.plan.plan import CellPlan


def cannot_shard(plan: CellPlan, shards: int, *, external: bool) -> str | None:
    """Each driver has one of the brokers, and each broker a part of the slots; a single client needs no more than one.

    `external`: whether the slots are those of the workers that wait.
    """
    if shards == 1:
        return None
    if not external and plan.slots is not None and plan.slots < shards:
        return f"{plan.slots} slots cannot be shared by {shards} brokers: each needs one"
    if plan.drivers % shards and parse_load(plan.load, plan.id).describe().clients != 1:
        return f"{plan.load} is made by one driver, which has one of {shards} brokers; closed and open loads are shared"
    return None
