"""A plan with a time scale: its work waits so many times as fast, and contenders' settings that are times follow. Pure.

What cannot be made faster is refused: computing, jobs of the user's own, rates, a server's own times.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from harness import registry
from harness.contenders.contender import contender_of
from harness.contenders.settings.time_scale import LEAST, MOST, scale_of, setting_of
from harness.errors import UsageError
from harness.jobs import registered
from harness.loads.crash import Crash
from harness.loads.load import parse_load
from harness.plan.checks import checked_params
from harness.plan.contender_spec import parse_contender
from harness.plan.plan import Plan, ViewPlan
from harness.services.brokers.broker import DEFAULT
from workloads.workload import Services

WAIT_LEAST_S = 0.01
"""What a contender adds to a wait is no longer small beside a shorter one."""
SIDES = ("asyncio", "celery")
TIMES_OF_OTHERS = {
    "child": "after which Celery misses a child that was killed",
    "broker": "after which clients connect to a broker again",
}
"""Part that a fault strikes → the time that no setting makes shorter."""


def check_unscaled(plan: Plan, where: str) -> None:
    """Raise UsageError for a contender that was given a time scale by hand: its work would not have it."""
    for text in [text for view in plan.view for text in view.contenders]:
        try:
            spec = parse_contender(text, where)
        except UsageError:  # is told with its place in the plan, where its cells are made
            continue
        if scale_of(spec.settings) > 1:
            raise UsageError(f"{where}: {text!r}: a time scale is that of the whole run: --time-scale N.")


def with_time_scale(plan: Plan, scale: int, where: str) -> Plan:
    """The plan as it runs; raises UsageError where its times would not be true."""
    if not LEAST <= scale <= MOST:
        raise UsageError(f"{where}: expected a whole number from {LEAST} to {MOST}; got {scale}.")
    if plan.find_rate or any(view.find_rate for view in plan.view):
        raise UsageError(f"{where}: a search for a rate takes real time: a rate has no time scale.")
    views = [_scaled(view, scale, f"{where}, view {view.name!r}") for view in plan.view]
    return msgspec.structs.replace(plan, view=views, time_scale=scale)


def _scaled(view: ViewPlan, scale: int, where: str) -> ViewPlan:
    if view.rates:
        raise UsageError(f"{where}: a rate is that of real time; with a time scale, take closed, burst or drain loads.")
    for text in view.loads:
        _check_load(text, where)
    for broker in view.brokers:
        _check_broker(broker, broker, where)
    return msgspec.structs.replace(
        view,
        contenders=[_contender(text, scale, where) for text in view.contenders],
        set={name: _work(name, view.set.get(name, {}), scale, where) for name in view.workloads},
    )


def _check_load(text: str, where: str) -> None:
    load = parse_load(text, where)
    if load.describe().rate_per_s is not None or load.arrives:
        raise UsageError(f"{where}: {text}: a rate is that of real time; with a time scale, requests come at once.")
    if not isinstance(load, Crash):
        return
    part = registry.load("fault", load.fault).part
    if part in TIMES_OF_OTHERS:
        raise UsageError(f"{where}: {text}: the time {TIMES_OF_OTHERS[part]} has no time scale.")


def _contender(text: str, scale: int, where: str) -> str:
    """With the setting that makes its times shorter."""
    spec = parse_contender(text, where)
    side = contender_of(spec.name).side
    if side not in SIDES:
        raise UsageError(f"{where}: {spec.name}: a queue of others has times that no setting of the workbench knows.")
    _check_broker(spec.broker, text, where)
    return str(spec._replace(settings=(*spec.settings, setting_of(scale))))


def _check_broker(broker: str | None, text: str, where: str) -> None:
    if broker not in (None, DEFAULT):
        raise UsageError(f"{where}: {text}: {broker} has times of its own (heartbeat, consumer_timeout).")


def _work(name: str, given: dict[str, Any], scale: int, where: str) -> dict[str, Any]:
    """Its parameters, those that are waits so much shorter."""
    if registered.find(name) is not None:
        raise UsageError(f"{where}: {name}: a job of your own waits in its own code, which knows no time scale.")
    kind = registry.load("workload", name, where)
    if not kind.waits:
        raise UsageError(f"{where}: {name} has no wait that could be made shorter.")
    usual = checked_params(name, {}, where)
    found = dict(given)
    for key in sorted(kind.waits):
        value = given.get(key, usual[key])
        values = [_shorter(kind, name, {key: each}, scale, where) for each in _each(value)]
        found[key] = values if isinstance(value, list) else values[0]
    for params in _variants(found):
        if kind(kind.Params(**checked_params(name, params, where)), Services(), 0).cpu_s:
            raise UsageError(f"{where}: {name} computes, which no time scale makes faster.")
    return found


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _variants(params: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each value of each list, with the first ones of the others."""
    first = {key: _each(value)[0] for key, value in params.items()}
    yield first
    for key, value in params.items():
        for each in _each(value)[1:]:
            yield {**first, key: each}


def _shorter(kind: Any, name: str, given: dict[str, Any], scale: int, where: str) -> Any:
    """One wait; raises UsageError where nothing of it would be left."""
    ((key, value),) = given.items()
    shorter, wait_s = kind.shortened(key, getattr(msgspec.convert(given, kind.Params, strict=False), key), scale)
    if 0 < wait_s < WAIT_LEAST_S:
        raise UsageError(
            f"{where}: {name}.{key} = {value}: {1000 * wait_s:.3g} ms would be left of it, which is little beside what "
            f"a contender adds; take a smaller time scale, so that {1000 * WAIT_LEAST_S:g} ms are left."
        )
    return shorter
