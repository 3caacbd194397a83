"""The advice: rules over measured figures, in the order in which they are tried. Nothing else decides.

The first rule of each group that applies says its sentence. `docs/decide.md` lists them; it is checked to be equal.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from harness.report.card.both import Both, at, costs, failing, holding, latencies, one_holds, others, spoiled
from harness.report.wording import counted
from harness.statistics.deciding.figures import Figures
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.metrics import CPU

CORE = 1.0
"""Cores from which a saving decides by itself."""

OTHERS_MOST = 0.33
"""Share of the machine that others may use."""

Group = Literal["speed", "cost", "advice"]


class Rule(NamedTuple):
    """One rule: when it applies, in words and in code, and what it then says."""

    group: Group
    name: str
    when: str
    says: str
    """The gist of its sentence, for the documentation."""
    applies: Callable[[Both], bool]
    sentence: Callable[[Both], str]


def advice(figures: Figures) -> list[str]:
    """A sentence of each group; where a side was not measured at the rate, the reason instead."""
    base, other, rate = figures.asyncio, figures.celery, figures.decision.rate_per_s
    if base is None or other is None or base.cell is None or other.cell is None or rate is None:
        return [_unmeasured(figures)]
    both = Both(figures, base, other, rate)
    sentences = []
    for group in ("speed", "cost", "advice"):
        rule = next(rule for rule in RULES if rule.group == group and rule.applies(both))
        sentences.append(rule.sentence(both))
    return sentences


def _unmeasured(figures: Figures) -> str:
    reasons = [f"{pool.contender}: {pool.why}" for pool in figures.decision.pools if not figures.decision.pool]
    why = "; ".join(reasons) or "; ".join(figures.decision.left_out) or "the run ended before"
    return f"No advice: the sides were not compared at a rate ({why})."


RULES: tuple[Rule, ...] = (
    Rule(
        "speed",
        "nobody-holds",
        "both sides fail the limit at the rate: the backlog grows in more than a third of the trials, or more than 1 % "
        "of the requests are late, and that by more than chance",
        "Neither side holds the rate, and why.",
        lambda both: not holding(both),
        lambda both: f"{at(both)} neither side holds {both.all.decision.limit}: {failing(both)}.",
    ),
    Rule(
        "speed",
        "one-holds",
        "one side alone fails the limit at the rate",
        "That the other side alone holds the rate, or is undecided, and why this one does not.",
        lambda both: len(holding(both)) == 1,
        lambda both: f"{at(both)} {one_holds(both)}; {failing(both)}.",
    ),
    Rule(
        "speed",
        "held-undecided",
        "more than 1 % of the requests of a side are late, but so few of them that it may be chance; or its backlog "
        "grew in a third of its trials or fewer",
        "Whether that side holds the limit is undecided.",
        lambda both: any(side.holds == "undecided" for side in (both.asyncio, both.celery)),
        lambda both: f"{at(both)} it is undecided whether {both.all.decision.limit} is held: {failing(both)}.",
    ),
    Rule(
        "speed",
        "few-rounds",
        f"fewer than {ROUNDS_FOR_VERDICT} rounds or {BOOTS_FOR_VERDICT} boots",
        "Too few rounds to say which side is quicker.",
        lambda both: not both.all.enough,
        lambda both: (
            f"{at(both)} both hold {both.all.decision.limit}; which is quicker is not said after "
            f"{counted(both.all.rounds, 'round')}."
        ),
    ),
    Rule(
        "speed",
        "quicker",
        "the interval of the ratio of p99, else of p50, lies on one side of 1, and not within ±5 %",
        "Both hold the rate, and one is quicker: by how much.",
        lambda both: both.quicker is not None,
        lambda both: (
            f"{at(both)} both hold {both.all.decision.limit}, and "
            f"{'asyncio' if both.quicker is both.asyncio else 'Celery'} is quicker: {latencies(both)}."
        ),
    ),
    Rule(
        "speed",
        "not-separated",
        "else",
        "Both hold the rate, and the intervals of their latencies do not separate them.",
        lambda _: True,
        lambda both: (
            f"{at(both)} both hold {both.all.decision.limit}, and their latencies are not separated: {latencies(both)}."
        ),
    ),
    Rule(
        "cost",
        "few-rounds",
        f"fewer than {ROUNDS_FOR_VERDICT} rounds or {BOOTS_FOR_VERDICT} boots",
        "What each side took, without a verdict.",
        lambda both: not both.all.enough,
        lambda both: f"So far, and without a verdict, at that rate: {costs(both)}.",
    ),
    Rule(
        "cost",
        "cheaper",
        "the interval of the ratio of CPU per request lies on one side of 1, and not within ±5 %",
        "Which side takes fewer cores at the rate, and the memory of both.",
        lambda both: both.less(CPU.key) is not None,
        lambda both: (
            f"{'asyncio' if both.less(CPU.key) is both.asyncio else 'Celery'} takes fewer cores at that rate: "
            f"{costs(both)}."
        ),
    ),
    Rule(
        "cost",
        "cost-not-separated",
        "else",
        "The intervals of the cost do not separate the sides.",
        lambda _: True,
        lambda both: f"Their CPU is not separated: {costs(both)}.",
    ),
    Rule(
        "advice",
        "spoiled",
        "the event loop was blocked (`loop-blocked`) by calls that wait, rather than by computing",
        "Mend that first, then decide again.",
        lambda both: bool(spoiled(both)),
        lambda both: f"Mend {spoiled(both)} and decide again: until then these are not the figures of asyncio.",
    ),
    Rule(
        "advice",
        "others",
        f"others used more than {OTHERS_MOST:.0%} of the machine during the trials of a side at the rate",
        "Decide again on a quiet machine.",
        lambda both: others(both) > OTHERS_MOST,
        lambda both: (
            f"Decide again on a quiet machine: others used {others(both):.0%} of it, and the figures show that too."
        ),
    ),
    Rule(
        "advice",
        "neither",
        "both sides fail the limit at the rate",
        "Take neither as it is.",
        lambda both: not holding(both),
        lambda _: "Take neither as it is: lower the rate, allow a longer p99, or add processes and cores.",
    ),
    Rule(
        "advice",
        "one-undecided",
        "one side fails the limit at the rate, and of the other it is undecided",
        "Decide again with more time.",
        lambda both: len(holding(both)) == 1 and holding(both)[0].holds == "undecided",
        lambda both: (
            f"Decide again with more time (--time): whether {holding(both)[0].label} holds this rate is undecided."
        ),
    ),
    Rule(
        "advice",
        "take-the-one-that-holds",
        "one side alone fails the limit at the rate",
        "Take that side.",
        lambda both: len(holding(both)) == 1,
        lambda both: f"Take {holding(both)[0].label}: the other side does not hold this rate here.",
    ),
    Rule(
        "advice",
        "few-rounds",
        f"fewer than {ROUNDS_FOR_VERDICT} rounds or {BOOTS_FOR_VERDICT} boots",
        "No advice by speed or cost; decide again with more time.",
        lambda both: not both.all.enough,
        lambda _: "No advice yet: decide again with more time (--time) or on a quieter machine.",
    ),
    Rule(
        "advice",
        "saves-a-core",
        "asyncio saves a whole core at the rate, by the lower end of the interval",
        "Take asyncio, unless a request must outlive its process.",
        lambda both: both.saved_cores >= CORE,
        lambda _: "Take asyncio, which saves a whole core at this rate, unless a request must outlive its process.",
    ),
    Rule(
        "advice",
        "celery-saves-a-core",
        "Celery saves a whole core at the rate, by the interval",
        "Take Celery.",
        lambda both: both.saved_cores <= -CORE,
        lambda both: f"Take {both.celery.label}, which saves a whole core at this rate.",
    ),
    Rule(
        "advice",
        "not-separated",
        "neither latency nor CPU separates the sides",
        "Choose by durability and operations instead of speed.",
        lambda both: both.quicker is None and both.less(CPU.key) is None,
        lambda _: (
            "Choose by durability and operations instead of speed: the intervals do not separate the sides. Celery "
            "keeps what waits outside your process; asyncio has nothing more to run."
        ),
    ),
    Rule(
        "advice",
        "less-than-a-core",
        "else: they are separated, both hold the limit, and the difference is less than a core",
        "Choose by durability and operations: both do at this rate.",
        lambda _: True,
        lambda _: (
            "Both do at this rate, and less than a core lies between them: choose by durability and operations. "
            "Celery keeps what waits outside your process; asyncio has nothing more to run."
        ),
    ),
)
