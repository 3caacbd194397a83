"""The sentence about the rate itself: only where it is far beyond what a side can do."""

from harness.report.card.both import Both
from harness.report.card.rule import Rule
from harness.report.card.wording import per_s


def _beyond_both(both: Both) -> str:
    """The most of each, and at which rate they were compared."""
    wanted = both.all.decision.wanted_per_s or both.rate_per_s
    sides = (both.asyncio, both.celery)
    most = [f"about {per_s(side.beyond_per_s)} on {side.label}" for side in sides if side.beyond_per_s is not None]
    compared = "They were compared" if len(most) > 1 else "It was measured"
    whom = "both sides" if len(most) > 1 else "it"
    known = f"{per_s(wanted)} is far beyond {whom} here: the most is {' and '.join(most)}"
    return f"{known}. {compared} at {per_s(both.rate_per_s)}."


RULES = (
    Rule(
        "rate",
        "beyond",
        "the rate is far beyond both sides: more than 1.5 times the lowest rate that did not hold, else full use",
        "the most of each, and the rate at which they were compared",
        lambda both: both.all.decision.wanted_per_s is not None,
        _beyond_both,
    ),
)
