"""How long a request of a cell is expected to take, before anything was measured."""

from harness import registry
from harness.jobs import registered
from harness.loads.load import parse_load
from harness.plan.plan import CellPlan
from workloads.workload import Services


def response_s(plan: CellPlan) -> float:
    """With the queue that its load makes; 0 where the work does not say, as a job of one's own does not."""
    if registered.find(plan.workload) is not None:
        return 0.0
    definition = registry.load("workload", plan.workload)
    service_s = definition(definition.Params(**plan.params), Services(), 0).ideal_s
    load = parse_load(plan.load, plan.id)
    return load.expected_s(service_s, plan.slots) if service_s and load.steady else service_s or 0.0
