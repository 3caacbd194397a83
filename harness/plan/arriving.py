"""Whether what a run is asked for reaches what executes it: a setting that nothing takes is an error, not a heading."""

from collections.abc import Iterable, Iterator

from harness import registry
from harness.contenders.contender import Body, contender_of
from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.plan.asked import Asked
from harness.plan.making import drivers_of, shards_of
from harness.plan.plan import CellPlan, Plan
from harness.results.model import NOT_SENT

FOREIGN = f"{NOT_SENT}: the service given as --origin is not the workbench's, and takes no parameters"


def check_arrives(asked: Asked, plan: Plan, planned: Iterable[CellPlan], *, foreign_origin: bool) -> None:
    """Raise UsageError for a setting that was given and that nothing in the run takes.

    `foreign_origin`: whether the service given as origin is not the workbench's.
    """
    cells = list(planned)
    if foreign_origin:
        _check_foreign_origin(asked, plan)
    _check_sides(plan, cells)
    _check_options(asked, plan, cells)


def calls_origin(plan: Plan) -> bool:
    """Whether work of the plan calls the origin."""
    return any("origin" in registry.load("workload", name).needs for view in plan.view for name in view.workloads)


def not_in_effect(plan: CellPlan, body: Body | None, drivers: int, *, foreign_origin: bool) -> dict[str, str]:
    """What of a cell's parameters has no effect in it, and of `drivers` that were asked for; with the reason.

    `body`: whose code the contender executes; one that executes none takes all.
    """
    workload = registry.load("workload", plan.workload)
    usual = workload.Params()
    reasons = dict.fromkeys(sorted(workload.of_origin), FOREIGN) if foreign_origin else {}
    for name, only in workload.one_side().items():
        if body is not None and body != only and plan.params.get(name, getattr(usual, name)) != getattr(usual, name):
            reasons[name] = f"{only} only"
    if drivers > plan.drivers:
        reasons["drivers"] = f"{plan.load} has {plan.drivers} here"
    return reasons


def _given(plan: Plan) -> Iterator[tuple[str, str]]:
    """Workload and name of each parameter that a plan or the command line sets."""
    for view in plan.view:
        for workload, params in view.set.items():
            yield from ((workload, name) for name in params)


def _check_foreign_origin(asked: Asked, plan: Plan) -> None:
    """Its workloads call one route, with a query that a service outside the workbench does not take."""
    for name in dict.fromkeys(name for view in plan.view for name in view.workloads):
        workload = registry.load("workload", name)
        if "origin" in workload.needs and not workload.any_origin:
            raise UsageError(
                f"--origin {asked.origin}: {name} calls routes that only the workbench's origin has, and this is "
                "another service. Name the workloads that can call it: -w http_date."
            )
    for name, parameter in _given(plan):
        if parameter in registry.load("workload", name).of_origin:
            raise UsageError(
                f"{name}.{parameter} cannot be set: {asked.origin} is not the workbench's origin, and takes no "
                "parameters. Leave it out, or start an origin that does: python -m origin."
            )


def _check_sides(plan: Plan, cells: list[CellPlan]) -> None:
    for name, parameter in _given(plan):
        only = registry.load("workload", name).one_side().get(parameter)
        bodies = {contender_of(cell.contender, cell.tuning).body for cell in cells if cell.workload == name}
        if only is not None and bodies and only not in bodies and None not in bodies:
            raise UsageError(
                f"{name}.{parameter} has an effect on {only} only, and no contender of it is in this run. "
                f"Leave it out, or add one with -c."
            )


def _check_options(asked: Asked, plan: Plan, cells: list[CellPlan]) -> None:
    """Amounts that no load of the run takes."""
    loads = [parse_load(cell.load, cell.id) for cell in cells]
    counted = [load.text for load in loads if not load.steady]
    if loads and len(counted) == len(loads) and plan.find_rate is None:
        for value, option in ((asked.requests, "--requests"), (asked.duration, "--duration")):
            if value is not None:
                raise UsageError(f"{option}: {counted[0]} has its own number of requests, and ends by itself.")
    drivers = drivers_of(asked)
    if drivers > 1 and not any(load.share(0, drivers) is not None for load in loads):
        shown = ", ".join(dict.fromkeys(load.text for load in loads))
        option = f"--drivers {asked.drivers}" if asked.drivers > 1 else f"{shards_of(asked)} brokers of a kind"
        raise UsageError(f"{option}: {shown} cannot be spread over several drivers.")
    if asked.origin is not None and asked.origin_processes > 1:
        raise UsageError(
            f"--origin-processes {asked.origin_processes}: the origin at {asked.origin} runs already. Start it with "
            "python -m origin --processes N."
        )
