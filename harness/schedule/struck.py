"""About how long a trial with a fault takes; only used to estimate the time of a run, and to share it out. Pure."""

from harness import registry
from harness.loads.crash import Crash
from harness.loads.load import parse_load
from harness.plan.expected import response_s
from harness.plan.plan import CellPlan

OTHERS_S = 1.5
"""For the application to start, and the account."""


def struck_s(plan: CellPlan) -> float:
    """By its fault: until it strikes, until what died is there again, and until nothing more happens."""
    load = parse_load(plan.load, plan.id)
    if not isinstance(load, Crash):
        raise TypeError(f"{plan.load} has no fault")
    fault = registry.load("fault", load.fault)
    rate_per_s = load.describe().rate_per_s
    arriving_s = load.requests / rate_per_s if rate_per_s else 0.0
    jobs_s = response_s(plan)
    settles_s = fault.quiet_s if fault.settles_s is None else fault.settles_s
    return float(arriving_s + jobs_s + OTHERS_S + fault.down_s + fault.back_s + settles_s)
