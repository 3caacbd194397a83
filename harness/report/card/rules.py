"""The advice: rules over measured figures, in the order in which they are tried. Nothing else decides.

The first rule of each group that applies says its sentence. `docs/decide.md` lists them; it is checked to be equal.
"""

from harness.report.card import rules_of_advice, rules_of_cost, rules_of_rate, rules_of_speed
from harness.report.card.both import Both, both_of, with_doubts
from harness.report.card.headline import of_advice
from harness.report.card.rule import Group, Rule
from harness.report.first.headline import qualifiers_of
from harness.statistics.deciding.figures import Figures

GROUPS: tuple[Group, ...] = ("rate", "speed", "cost", "advice")
DOUBTED = frozenset({"speed", "cost"})
"""Groups whose sentences have figures: the doubts of these stand behind them."""
RULES: tuple[Rule, ...] = (
    *rules_of_rate.RULES,
    *rules_of_speed.RULES,
    *rules_of_cost.RULES,
    *rules_of_advice.RULES,
)


def advice(figures: Figures) -> list[str]:
    """A sentence of each group that has one; where no side was measured at the rate, the reason instead."""
    both = both_of(figures)
    if both is None:
        return [_unmeasured(figures)]
    found = [rule for group in GROUPS if (rule := _first(group, both)) is not None]
    return [with_doubts(rule.sentence(both), both, doubted=rule.group in DOUBTED) for rule in found]


def headline(figures: Figures) -> str:
    """What the advice comes to, with what makes it uncertain."""
    both = both_of(figures)
    rule = _first("advice", both) if both is not None else None
    if both is None or rule is None:
        return of_advice(_unmeasured(figures))
    cells = [side.cell for side in (both.asyncio, both.celery) if side.cell is not None]
    return of_advice(rule.short or rule.sentence(both), uncertain=qualifiers_of(cells))


def _first(group: Group, both: Both) -> Rule | None:
    return next((rule for rule in RULES if rule.group == group and rule.applies(both)), None)


def _unmeasured(figures: Figures) -> str:
    decision = figures.decision
    reasons = [f"{spoiler.kind} at {spoiler.place or spoiler.side}: {spoiler.text}" for spoiler in figures.deciding]
    reasons = reasons or [reason for reason in decision.left_out if reason.startswith("the rate: ")][-1:]
    reasons = reasons or [f"{pool.contender}: {pool.why}" for pool in decision.pools if not decision.pool]
    why = "; ".join(reasons) or "; ".join(decision.left_out) or "the run ended before"
    return f"No advice: the sides were not compared at a rate ({why.removeprefix('the rate: ')})."
