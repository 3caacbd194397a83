"""How long a request of a cell takes to serve, and a whole trial of it, before anything was measured."""

from typing import Any

from harness import registry
from harness.jobs import registered
from harness.loads.load import parse_load
from harness.plan.plan import CellPlan
from workloads.workload import Services, Workload


def service_s(plan: CellPlan) -> float:
    """By what the work says of itself, the mean; 0 where it does not, as a job of one's own."""
    return _workload(plan).ideal_s or 0.0 if registered.find(plan.workload) is None else 0.0


def longest_s(plan: CellPlan) -> float:
    """The same of a request that takes long, where they differ."""
    return _workload(plan).expected_s or 0.0 if registered.find(plan.workload) is None else 0.0


def _workload(plan: CellPlan) -> Workload[Any]:
    definition = registry.load("workload", plan.workload)
    workload: Workload[Any] = definition(definition.Params(**plan.params), Services(), 0)
    return workload


def response_s(plan: CellPlan) -> float:
    """With the queue that its load makes; of a load with its own number of requests, all of them."""
    return parse_load(plan.load, plan.id).expected_s(service_s(plan), plan.slots)


def whole_s(plan: CellPlan) -> float:
    """Of a load that ends by itself: a first request, one in the warm-up, and all that come, at its end a long one.

    No schedule of jobs on slots needs more than their work ÷ slots and the longest of them. Source: Graham (1966),
    "Bounds for certain multiprocessing anomalies".
    """
    takes_s = parse_load(plan.load, plan.id).takes_s
    last_s = max(0.0, longest_s(plan) - service_s(plan))
    return 2 * service_s(plan) + last_s + (response_s(plan) if takes_s is None else takes_s)
