"""What `workbench ladder` does: a run whose rungs each change one thing."""

import msgspec

from harness.cli.run import Asked, follow
from harness.plan.ladder import load_ladder, plan_of
from harness.plan.plan import check_amounts
from harness.schedule.ladder import Climb


def execute(asked: Asked, rounds: int | None) -> int:
    """Climb it; returns the exit status, and raises WorkbenchError for what cannot be."""
    ladder = load_ladder(asked.plan)
    if rounds is not None:
        ladder = msgspec.structs.replace(ladder, rounds=rounds)
    if asked.duration is not None:
        ladder = msgspec.structs.replace(ladder, duration=asked.duration)
    where = f"ladder {asked.plan}"
    plan = plan_of(ladder, where)
    check_amounts(plan, where)
    return follow(asked, plan, Climb(ladder))
