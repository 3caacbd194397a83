"""The crashes of `workbench decide`: the application, a worker and a child of it are killed once each, in mid-load. Pure."""

from collections.abc import Sequence

import msgspec

from harness.plan.plan import ViewPlan
from harness.results.decision import CRASH

FIRST_PER_S = 10.0
"""Before the rate is known."""
BEFORE_S = 1.0
"""For which requests come before the fault, and again after it."""
LEAST, MOST = 4, 200
"""Requests before it."""
EACH_S = 9.0
"""About how long such a trial takes with all that is started again."""
APPLICATION, WORKER, CHILD = "kill-app", "kill-worker", "kill-child"


def crash_load(fault: str, rate_per_s: float) -> str:
    """As it is written."""
    at = min(MOST, max(LEAST, round(BEFORE_S * rate_per_s)))
    return f"crash:{fault}@{at}:open:{rate_per_s:g}/s"


def calls_of(rate_per_s: float, trials: int) -> int:
    """How often such trials call the job, with what is repeated."""
    return trials * 3 * min(MOST, max(LEAST, round(BEFORE_S * rate_per_s)))


def crash_view(asked: ViewPlan, contender: str, faults: Sequence[str], rate_per_s: float = FIRST_PER_S) -> ViewPlan:
    """A contender under each of these faults."""
    view = ViewPlan(
        name=CRASH,
        about="arrivals at one rate; once a second of them has been accepted, a process is killed and started again",
        workloads=asked.workloads,
        contenders=[contender],
        set=asked.set,
        floor=False,
        loads=[crash_load(fault, rate_per_s) for fault in faults],
    )
    return msgspec.structs.replace(view, rounds=1)
