"""Parameters of workloads that options give: `--set sleep.seconds=1`, and those that come with a job."""

import difflib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from harness import registry
from harness.errors import UsageError
from harness.plan.cells import variants
from harness.plan.checks import check_param, checked_params
from harness.plan.plan import Plan, ViewPlan


class Parameter(NamedTuple):
    """A parameter of a workload, with the option that gave it."""

    text: str
    """`WORKLOAD.PARAM=VALUE`."""
    option: str = "--set"


def with_parameters(plan: Plan, parameters: Sequence[Parameter]) -> Plan:
    """The plan with them, of the same one the last; raises UsageError with the option that gave what is wrong."""
    for parameter in parameters:
        plan = _with(plan, parameter)
    _check_together(plan, parameters)
    return plan


def _with(plan: Plan, given: Parameter) -> Plan:
    """In every view that has the workload."""
    where = f"{given.option} {given.text!r}"
    workload, parameter, value = _parse_parameter(given.text)
    registry.check("workload", workload, where)
    if not any(workload in view.workloads for view in plan.view):
        raise UsageError(f"{where}: {workload} is not in this run; add -w {workload}.")
    check_param(workload, parameter, value, given.option)
    return msgspec.structs.replace(plan, view=[_set(view, workload, parameter, value) for view in plan.view])


def _check_together(plan: Plan, parameters: Sequence[Parameter]) -> None:
    """Raise UsageError for parameters that contradict each other, or would not be what was given."""
    for option, workload in dict.fromkeys((given.option, _parse_parameter(given.text)[0]) for given in parameters):
        for view in plan.view:
            if workload in view.workloads:
                for params in variants(view, workload):
                    checked_params(workload, params, option)


def _parse_parameter(text: str) -> tuple[str, str, str]:
    """`workload.param=value` → its three parts; raises UsageError."""
    name, equals, value = text.partition("=")
    workload, dot, parameter = name.partition(".")
    if not (equals and dot and workload and parameter):
        nearest = difflib.get_close_matches(workload, registry.names("workload"), n=1) or ["sleep"]
        example = f"{nearest[0]}.{parameter or 'seconds'}=…"
        raise UsageError(f"--set {text!r}: expected workload.param=value, such as {example}")
    return workload, parameter, value


def _set(view: ViewPlan, workload: str, parameter: str, value: str) -> ViewPlan:
    if workload not in view.workloads:
        return view
    params = view.set.get(workload, {}) | {parameter: value}
    return msgspec.structs.replace(view, set=view.set | {workload: params})
