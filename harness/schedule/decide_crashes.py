"""The phase of `workbench decide` in which processes are killed: once each, where time and calls allow it."""

from collections.abc import Sequence

from harness.errors import ServiceError
from harness.plan.decide import ASYNCIO
from harness.plan.decide_crashes import APPLICATION, CHILD, EACH_S, WORKER, calls_of, crash_views
from harness.plan.plan import ViewPlan
from harness.schedule.decide_measuring import Measuring
from harness.schedule.schedule import Trials

SHARE = 0.5
"""Of the calls that are left, what crashes may take."""


def faults_of(label: str) -> list[str]:
    """What is killed of a contender: on asyncio the application, on Celery a worker, and a child where it has any."""
    if label == ASYNCIO:
        return [APPLICATION]
    return [WORKER, CHILD] if label.startswith("celery-prefork") else [WORKER]


async def measure_crashes(
    trials: Trials, measuring: Measuring, asked: ViewPlan, sides: Sequence[str], rate_per_s: float, reserve_s: float
) -> str | None:
    """Kill each side's processes; returns why not, where it does not. `reserve_s`: what must be left for the rounds."""
    faults = {label: faults_of(label) for label in sides}
    number = sum(map(len, faults.values()))
    if measuring.left_s - number * EACH_S < reserve_s:
        return "crashes: no time for them"
    if trials.calls_left is not None and calls_of(rate_per_s, number) > SHARE * trials.calls_left:
        return "crashes: not enough calls for them (--at-most)"
    try:
        for plan in await trials.extend(crash_views(asked, faults, rate_per_s)):
            await measuring.trial(plan, 1, parts=1)
    except ServiceError as error:
        return f"crashes: {error}"
    return None
