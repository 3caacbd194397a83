"""Why a fault cannot strike a cell; None where it can."""

from harness import registry
from harness.contenders.contender import Contender
from harness.loads.crash import Crash
from harness.loads.load import parse_load
from harness.plan.plan import CellPlan
from harness.services.run_brokers import RunBrokers
from harness.session.faults.fault import Fault
from workloads.scenario import Scenario

PUBLISHED_ALONE = (None, "apply_async")
"""What accepts a request once it has published it."""


NOT_OURS = "only what the run starts itself is struck and notes what it executes: leave out --workers external"


def cannot_strike(plan: CellPlan, contender: Contender, brokers: RunBrokers, *, external: bool = False) -> str | None:
    """By what the cell's contender is made of, and what the run has started; `external`: workers and drivers wait."""
    load = parse_load(plan.load, plan.id)
    if not isinstance(load, Crash):
        return None
    if external and (contender.needs_broker or plan.drivers > 1):
        return NOT_OURS
    if not contender.is_noted:
        return f"{contender.name} does not note what becomes of each request"
    fault: Fault = registry.load("fault", load.fault)
    reason = _has_none(plan, contender, fault, brokers)
    return f"{load.fault}: {reason}" if reason else _no_account(plan, contender)


def _has_none(plan: CellPlan, contender: Contender, fault: Fault, brokers: RunBrokers) -> str | None:
    """Why there is nothing that the fault could strike."""
    if fault.part in ("worker", "child", "broker") and not contender.needs_broker:
        return "it has no worker and no broker; kill-app and term-app strike the process that executes"
    if fault.part == "child" and not contender.has_children:
        return "its worker executes in its only process"
    if fault.only_on and plan.broker not in (None, *fault.only_on):
        return f"only on {' or '.join(fault.only_on)}; {plan.broker} has what is durable on disk anyway"
    connected = plan.broker is not None and plan.broker in brokers
    if fault.part == "broker" and connected and plan.broker is not None and brokers[plan.broker].server is None:
        return "only a broker that the run starts is struck"
    return None


def _no_account(plan: CellPlan, contender: Contender) -> str | None:
    """Why it could not be told what became of its requests."""
    if contender.producer(plan.workload, backlog=False) not in PUBLISHED_ALONE:
        return "requests that are published in batches are accepted before they are in the broker"
    kind = registry.load("workload", plan.workload)
    if issubclass(kind, Scenario) and kind.stops:
        return "its job is stopped by its caller, and so has no end that a crash could take from it"
    if contender.several(plan.workload):
        return "a request of several tasks has no begin and no end of its own"
    if len(contender.queues("")) > 1:
        return "its requests wait in several queues, of which the account would see one"
    return None
