"""The sentence about speed: who holds the limit at the rate, and who is quicker."""

from harness.report.card.both import Both, at, failing, holding, latencies, not_working, one_holds, working
from harness.report.card.rule import FEW, ONE_HOLDS, ONE_WORKS, Rule
from harness.report.wording import counted


def _one_works(both: Both) -> str:
    """What the side does that works, and why the other does not."""
    limit, works = both.all.decision.limit, working(both)[0]
    said = {"yes": f"{works.label} holds {limit}", "no": f"{works.label} does not hold {limit}"}
    what = said.get(works.holds, f"it is undecided whether {works.label} holds {limit}")
    why = f" ({works.why_not})" if works.why_not else ""
    (other,) = not_working(both)
    return f"{at(both)} {what}{why}; {other.label} was not measured: {other.why_not}."


RULES = (
    Rule(
        "speed",
        "one-works",
        ONE_WORKS,
        "what the other one does",
        lambda both: bool(not_working(both)),
        _one_works,
    ),
    Rule(
        "speed",
        "nobody-holds",
        "both sides fail the limit: the backlog grows in more than a third of the trials, or more than 1 % of requests "
        "are late, by more than chance (5 %)",
        "neither holds the rate",
        lambda both: not holding(both),
        lambda both: f"{at(both)} neither side holds {both.all.decision.limit}: {failing(both)}.",
    ),
    Rule(
        "speed",
        "one-holds",
        ONE_HOLDS,
        "the other one holds it, or is undecided",
        lambda both: len(holding(both)) == 1,
        lambda both: f"{at(both)} {one_holds(both)}; {failing(both)}.",
    ),
    Rule(
        "speed",
        "held-undecided",
        "of a side, more than 1 % are late, but that may be chance; or the backlog grew in fewer trials; or two "
        "figures contradict each other",
        "undecided whether it holds the limit",
        lambda both: any(side.holds == "undecided" for side in (both.asyncio, both.celery)),
        lambda both: f"{at(both)} it is undecided whether {both.all.decision.limit} is held: {failing(both)}.",
    ),
    Rule(
        "speed",
        "few-rounds",
        FEW,
        "no verdict",
        lambda both: not both.all.enough,
        lambda both: (
            f"{at(both)} both hold {both.all.decision.limit}; which is quicker is not said after "
            f"{counted(both.all.rounds, 'round')}."
        ),
    ),
    Rule(
        "speed",
        "quicker",
        "the interval of the ratio of p99, else p50, excludes 1 and is not within ±5 %",
        "which is quicker",
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
        "latencies are not separated",
        lambda _: True,
        lambda both: (
            f"{at(both)} both hold {both.all.decision.limit}, and their latencies are not separated: {latencies(both)}."
        ),
    ),
)
