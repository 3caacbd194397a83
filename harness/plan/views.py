"""Expands the lists of a view into its contenders and loads, as written on the command line."""

import itertools
import re

from harness import registry
from harness.errors import UsageError
from harness.loads.open import Open
from harness.plan.contender_spec import parse_contender
from harness.plan.limit import FIRST_PER_S
from harness.plan.plan import Plan, ViewPlan


def contenders_of(view: ViewPlan, where: str) -> list[str]:
    """Each with each of the view's slots and brokers; raises UsageError."""
    if view.slots and (sized := [contender for contender in view.contenders if ":" in contender]):
        raise UsageError(f"{where}: slots are given twice: slots = {view.slots}, and {', '.join(sized)}.")
    for broker in view.brokers:
        registry.check("broker", broker, f"{where}, brokers")
    return [
        written
        for slots in (*view.slots,) or (None,)
        for contender in view.contenders
        for written in _on_each_broker(contender, slots, view.brokers, where)
    ]


def _on_each_broker(contender: str, slots: int | None, brokers: list[str], where: str) -> list[str]:
    name, sign, broker = contender.partition("@")
    sized = name if slots is None else f"{name}:{slots}"
    if sign:
        return [f"{sized}@{broker}"]
    if brokers and registry.load("contender", re.split("[:+]", name)[0], where).needs_broker:
        return [f"{sized}@{broker}" for broker in brokers]
    return [sized]


def loads_of(view: ViewPlan, where: str) -> list[str]:
    """Those written out, and one for each of the view's rates; raises UsageError if there is no load at all."""
    loads = [*view.loads, *(Open(rate_per_s).text for rate_per_s in view.rates)]
    if not loads and not view.clients_per_slot:
        raise UsageError(f"{where}: expected at least one load, in loads, rates or clients_per_slot.")
    return loads


def plan_loads(plan: Plan, view: ViewPlan, where: str) -> list[str]:
    """The loads of a plan's view; where a rate is searched, what the search begins with."""
    return loads_of(view, where) if plan.find_rate is None else [Open(FIRST_PER_S).text]


def loads_with_contenders(plan: Plan, view: ViewPlan, where: str) -> list[tuple[str, str]]:
    """Each load with each contender; clients that follow slots are each contender's own."""
    contenders = contenders_of(view, where)
    pairs = list(itertools.product(plan_loads(plan, view, where), contenders))
    if plan.find_rate is None:
        for clients in view.clients_per_slot:
            pairs += [(_following(clients, contender, where), contender) for contender in contenders]
    return pairs


def _following(clients_per_slot: int, contender: str, where: str) -> str:
    if clients_per_slot < 1:
        raise UsageError(f"{where}: expected clients_per_slot above 0; got {clients_per_slot}.")
    slots = parse_contender(contender, where).slots
    if slots is None:
        raise UsageError(f"{where}: {contender} has no slots that its clients could follow (clients_per_slot).")
    return f"closed:{clients_per_slot * slots}"
