"""The crashes of `workbench decide`: application, worker and child are killed once each, in mid-load. Pure."""

from collections.abc import Mapping, Sequence

from harness.loads.open import Open
from harness.plan.plan import ViewPlan
from harness.results.decision import CRASH

BEFORE_S = 1.0
"""For which requests come before the fault, and again after it."""
LEAST, MOST = 4, 200
"""Requests before it."""
EACH_S = 9.0
"""About how long such a trial takes, with all that is started again."""
TIMES = 3
"""Calls of the job for each request before the fault: as many come after it, and some are repeated."""
APPLICATION, WORKER, CHILD = "kill-app", "kill-worker", "kill-child"


def requests_before(rate_per_s: float) -> int:
    """How many are accepted before the fault strikes."""
    return min(MOST, max(LEAST, round(BEFORE_S * rate_per_s)))


def calls_of(rate_per_s: float, trials: int) -> int:
    """How often so many trials call the job at the most."""
    return trials * TIMES * requests_before(rate_per_s)


def crash_views(asked: ViewPlan, faults: Mapping[str, Sequence[str]], rate_per_s: float) -> list[ViewPlan]:
    """One view in parts: each contender under its own faults."""
    at = requests_before(rate_per_s)
    return [
        ViewPlan(
            name=CRASH,
            about="arrivals at the rate; once a second of them has been accepted, a process is killed",
            workloads=asked.workloads,
            contenders=[contender],
            set=asked.set,
            floor=False,
            loads=[f"crash:{fault}@{at}:{Open(rate_per_s).text}" for fault in struck],
        )
        for contender, struck in faults.items()
    ]
