"""The cells of a plan, each once even if several views show it."""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from harness import registry
from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.plan.asked import COMMAND_LINE
from harness.plan.checks import checked_params
from harness.plan.contender_spec import parse_contender
from harness.plan.plan import CellPlan, Plan, ViewPlan
from harness.plan.views import loads_with_contenders
from harness.plan.warmup import warm_up
from harness.statistics.units import seconds


def cells(plan: Plan, where: str) -> list[CellPlan]:
    """All cells of a plan, in its order; raises UsageError that says what cannot be measured, and where it is."""
    by_id: dict[str, CellPlan] = {}
    for view in plan.view:
        place = where if where == COMMAND_LINE else f"{where}, view {view.name!r}"
        _check_set(view, place)
        members = [_timed(plan, view, cell) for cell in _members(plan, view, place)]
        if not members:
            raise UsageError(f"{place}: nothing to measure: {' and '.join(_empty(view))} = [].")
        _check_matched(view, members, place)
        for cell in members:
            known = by_id.get(cell.id)
            by_id[cell.id] = cell if known is None else _merged(known, cell)
    return list(by_id.values())


def _members(plan: Plan, view: ViewPlan, where: str) -> list[CellPlan]:
    """The product of a view's lists."""
    return [
        _apart(view, _cell(view, (workload, params), contender, load, drivers, where), origins)
        for workload in view.workloads
        for params in variants(view, registry.check("workload", workload, where))
        for load, contender in loads_with_contenders(plan, view, where)
        for drivers in view.drivers or [1]
        for origins in view.origins or [None]
    ]


def variants(view: ViewPlan, workload: str) -> list[dict[str, Any]]:
    """Every combination of the listed parameter values."""
    given = view.set.get(workload, {})
    lists = [value if isinstance(value, list) else [value] for value in given.values()]
    return [dict(zip(given, values, strict=True)) for values in itertools.product(*lists)]


def _cell(
    view: ViewPlan, work: tuple[str, dict[str, Any]], contender: str, load: str, drivers: int, where: str
) -> CellPlan:
    """One cell of a workload with parameters, without its times."""
    workload, given = work
    params = checked_params(workload, given, where)
    spec = parse_contender(contender, where)
    parsed = parse_load(load, where)
    parsed.prepare(where)
    if drivers > 1 and parsed.share(0, drivers) is None:
        raise UsageError(f"{where}: {load} cannot be spread over {drivers} drivers.")
    usual = checked_params(workload, {}, where)
    changed = "".join(f"[{key}={value}]" for key, value in sorted(params.items()) if value != usual[key])
    spread = "" if drivers == 1 else f"{drivers} drivers/"
    return CellPlan(
        id=f"{workload}{changed}/{spec}/{spread}{parsed.text}",
        views=[view.name],
        workload=workload,
        params=params,
        contender=spec.name,
        tuning=list(spec.settings),
        slots=spec.slots,
        broker=spec.broker,
        load=parsed.text,
        drivers=drivers,
        publishing=view.publishing,
        rest_s=view.rest_s,
        most_s=view.most_s,
        stretch_s=view.stretch_s,
        look=view.look,
        profile=view.profile,
    )


def _apart(view: ViewPlan, cell: CellPlan, origins: int | None) -> CellPlan:
    """With the processes of its origin, and the view's prefix."""
    number = "" if origins is None else f"{origins} origin processes/"
    return msgspec.structs.replace(cell, id=f"{view.prefix}{number}{cell.id}", origin_processes=origins)


def _timed(plan: Plan, view: ViewPlan, cell: CellPlan) -> CellPlan:
    """With the view's times, else the plan's; where a rate is searched, its limit stands for the load in its id."""
    limit = plan.find_rate or view.find_rate
    least = warm_up(view.warmup or plan.warmup, "warmup")
    return msgspec.structs.replace(
        cell,
        id=f"{cell.id.removesuffix(cell.load)}{limit}" if limit else cell.id,
        warmup_s=least.seconds,
        warmup_requests=least.requests,
        duration_s=seconds(view.duration or plan.duration, "duration"),
        requests=plan.requests,
        rounds=min(view.rounds or plan.rounds_most, plan.rounds_most),
    )


def _merged(known: CellPlan, cell: CellPlan) -> CellPlan:
    """A cell that several views show: of all of them, with the longest of their times."""
    return msgspec.structs.replace(
        cell,
        views=list(dict.fromkeys([*known.views, *cell.views])),
        warmup_s=max(cell.warmup_s, known.warmup_s),
        warmup_requests=max(cell.warmup_requests, known.warmup_requests),
        duration_s=max(cell.duration_s, known.duration_s),
        publishing=cell.publishing or known.publishing,
    )


def _check_set(view: ViewPlan, where: str) -> None:
    for workload in view.set:
        registry.check("workload", workload, f"{where}, set")
        if workload not in view.workloads:
            raise UsageError(f"{where}: set names {workload!r}, which is not one of its workloads.")


def _empty(view: ViewPlan) -> Iterator[str]:
    """Its lists in which nothing stands, as the plan names them."""
    lists = {"workloads": view.workloads, "contenders": view.contenders}
    params = {f"set.{workload}.{key}": value for workload, of in view.set.items() for key, value in of.items()}
    yield from (name for name, value in (lists | params).items() if value == [])


def _check_matched(view: ViewPlan, members: list[CellPlan], where: str) -> None:
    if view.matched in ("slots", "layers") and not view.slots and len({cell.slots for cell in members}) > 1:
        shown = ", ".join(view.contenders)
        raise UsageError(f"{where}: matched = {view.matched!r} needs the same slots everywhere; got {shown}.")
