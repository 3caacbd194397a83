"""The sentence about cost: cores and memory at the rate."""

from harness.report.card.both import Both, cost_of, costs
from harness.report.card.rule import FEW, Rule
from harness.statistics.metrics import CPU


def _one(both: Both) -> str:
    sides = (both.asyncio, both.celery)
    measured = [side for side in sides if side.measured]
    return f"At that rate {cost_of(measured[0], both)}; the other side was not measured at it."


RULES = (
    Rule(
        "cost",
        "none-measured",
        "no side was measured at the rate",
        "the cost is not known",
        lambda both: not (both.asyncio.measured or both.celery.measured),
        lambda _: "What either takes at that rate is not known.",
    ),
    Rule(
        "cost",
        "one-measured",
        "one side alone was measured",
        "what it took",
        lambda both: not (both.asyncio.measured and both.celery.measured),
        _one,
    ),
    Rule(
        "cost",
        "few-rounds",
        FEW,
        "no verdict",
        lambda both: not both.all.enough,
        lambda both: f"So far, and without a verdict, at that rate: {costs(both)}.",
    ),
    Rule(
        "cost",
        "cheaper",
        "the interval of the ratio of CPU a request excludes 1 and is not within ±5 %",
        "which takes fewer cores",
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
        "CPU is not separated",
        lambda _: True,
        lambda both: f"Their CPU is not separated: {costs(both)}.",
    ),
)
