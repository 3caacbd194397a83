"""What is checked of a plan before anything starts: its amounts, and the parameters of workloads."""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from harness import registry
from harness.errors import UsageError, unknown
from harness.plan.invalid import choices, in_words
from harness.plan.limit import Limit
from harness.plan.plan import AUTO, Plan, ViewPlan
from harness.plan.warmup import warm_up
from harness.statistics.units import seconds
from workloads.workload import Params

ROUNDS_MOST = 1000
REQUESTS_MOST = 10**9
NOT_BY_OPTIONS: Mapping[str, str] = {}


def check_keys(table: dict[str, Any], kind: type[msgspec.Struct], where: str) -> None:
    """Raise UsageError for a key that a table of that kind does not have, or a word that is none of the key's."""
    types = get_type_hints(kind)
    for key, value in table.items():
        if key not in kind.__struct_fields__:
            raise unknown("plan key", key, where, kind.__struct_fields__)
        words = get_args(types[key]) if get_origin(types[key]) is Literal else ()
        if words and value not in words:
            raise unknown(key, str(value), where, words)


def check_amounts(plan: Plan, where: str, options: Mapping[str, str] = NOT_BY_OPTIONS) -> None:
    """Raise UsageError if rounds, requests or durations are out of range, or there is no view.

    `options`: amount → the option that gave it, which is its place.
    """
    if plan.rounds != AUTO and not (isinstance(plan.rounds, int) and 1 <= plan.rounds <= ROUNDS_MOST):
        place = options.get("rounds", where)
        raise UsageError(f"{place}: expected rounds from 1 to {ROUNDS_MOST}, or auto; got {plan.rounds!r}.")
    _check_boots(plan, options.get("boots", where))
    if plan.find_rate is not None:
        Limit.parse(plan.find_rate, f"{where}, find_rate")
        if plan.rounds == AUTO or plan.requests is not None:
            raise UsageError(f"{where}: a search for the highest rate needs a number of rounds and takes no requests.")
    if plan.requests is not None and not 1 <= plan.requests <= REQUESTS_MOST:
        place = options.get("requests", where)
        raise UsageError(f"{place}: expected requests above 0, and at most {REQUESTS_MOST}; got {plan.requests:.12g}.")
    if not plan.view:
        raise UsageError(f"{where}: expected at least one [[view]].")
    _check_times(plan, where)
    for view in plan.view:
        _check_processes(view, f"{where}, view {view.name!r}")
        if view.rounds is not None and not 1 <= view.rounds <= plan.rounds_most:
            raise UsageError(
                f"{where}, view {view.name!r}: expected rounds from 1 to the plan's, {plan.rounds_most}; "
                f"got {view.rounds}."
            )


def _check_processes(view: ViewPlan, where: str) -> None:
    for name, numbers in (("drivers", view.drivers), ("origins", view.origins)):
        wrong = next((number for number in numbers if number is not None and number < 1), None)
        if wrong is not None:
            raise UsageError(f"{where}, {name}: expected a number of processes above 0; got {wrong}.")


def _check_boots(plan: Plan, where: str) -> None:
    if plan.boots is None:
        return
    if plan.rounds == AUTO:
        raise UsageError(f"{where}: boots and rounds = auto exclude each other: there is one for every two rounds.")
    if not 1 <= plan.boots <= plan.rounds_most:
        raise UsageError(
            f"{where}: expected boots from 1 to the number of rounds, {plan.rounds_most}; got {plan.boots}."
        )


def _check_times(plan: Plan, where: str) -> None:
    timed: list[tuple[str, Plan | ViewPlan]] = [(where, plan)]
    timed += [(f"{where}, view {view.name!r}", view) for view in plan.view]
    for place, holder in timed:
        if holder.duration is not None:
            seconds(holder.duration, f"{place}, duration")
        if holder.warmup is not None:
            warm_up(holder.warmup, f"{place}, warmup")


def checked_params(workload: str, given: dict[str, Any], where: str) -> dict[str, Any]:
    """A workload's parameters, with the defaults of those not given; raises UsageError."""
    kind = registry.load("workload", workload, where).Params
    for key, value in given.items():
        check_param(workload, key, value, where)
    values: dict[str, Any] = msgspec.to_builtins(_in_effect(workload, given, kind, where))
    return values


def check_param(workload: str, key: str, value: Any, where: str) -> None:
    """Raise UsageError for a parameter that the workload does not have, or a value that this one cannot have."""
    kind = registry.load("workload", workload, where).Params
    if key not in kind.__struct_fields__:
        raise unknown(f"parameter of {workload}", key, where, kind.__struct_fields__)
    hint = get_type_hints(kind, include_extras=True)[key]
    if (words := choices(hint)) and str(value) not in words:
        raise unknown(f"value of {workload}.{key}", str(value), where, words)
    try:
        msgspec.convert(value, hint, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {workload}.{key} = {value!r}: {in_words(error)}.") from None


def _in_effect(workload: str, given: dict[str, Any], kind: type[Params], where: str) -> Params:
    """The parameters as they take effect together; raises UsageError where that is not what was given."""
    try:
        asked = msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {workload}: {in_words(error)}.") from None
    effective = asked.in_effect()
    for key in given:
        if (value := getattr(effective, key)) != getattr(asked, key):
            others = ", ".join(f"{name}={getattr(asked, name)}" for name in kind.__struct_fields__ if name != key)
            raise UsageError(f"{where}: {workload}.{key} = {given[key]!r} would be {value} with {others}.")
    return effective
