"""Several queues of one contender: for which cells there is work in all of them."""

from harness import registry
from harness.contenders.contender import Contender
from harness.loads.load import parse_load
from harness.plan.plan import CellPlan
from workloads.workload import Services


def cannot_queue(plan: CellPlan, contender: Contender) -> str | None:
    """Each queue has a kind of job, and workers of several queues cannot be paused together."""
    queues = len(contender.queues(""))
    if queues == 1:
        return None
    kind = registry.load("workload", plan.workload)
    kinds = kind(kind.Params(**plan.params), Services(), 0).kinds
    if queues > kinds:
        return f"{queues} queues: jobs of {plan.workload} are of {kinds} {'kind' if kinds == 1 else 'kinds'} here"
    if parse_load(plan.load, plan.id).backlog:
        return "workers of several queues cannot be paused together"
    return None
