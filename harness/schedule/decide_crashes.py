"""The phase of `workbench decide` in which processes are killed: once each, at the rate, if there is time for it."""

from harness.errors import ServiceError
from harness.plan.decide_crashes import APPLICATION, CHILD, EACH_S, WORKER, calls_of, crash_view
from harness.plan.plan import ViewPlan
from harness.schedule.schedule import Trials, can_run

ASYNCIO = "asyncio"
SHARE = 0.5
"""Of the time that is left, what crashes may take."""


async def measure_crashes(trials: Trials, asked: ViewPlan, pool: str, rate_per_s: float, left_s: float) -> str | None:
    """Kill the application on asyncio, and on Celery a worker and a child of it; returns why not, where it does not."""
    faults = [WORKER, *([CHILD] if "prefork" in pool else [])]
    number = 1 + len(faults)
    if number * EACH_S > SHARE * left_s:
        return "crashes: no time for them"
    if trials.calls_left is not None and calls_of(rate_per_s, number) > SHARE * trials.calls_left:
        return "crashes: not enough calls for them (--at-most)"
    views = [crash_view(asked, ASYNCIO, [APPLICATION], rate_per_s), crash_view(asked, pool, faults, rate_per_s)]
    try:
        for plan in await trials.extend(views):
            if can_run(trials.cell(plan.id)):
                await trials.measure(plan.id, 1)
    except ServiceError as error:
        return f"crashes: {error}"
    return None
