"""The sentence about speed: who holds the limit at the rate, and who is quicker."""

from harness.report.card.both import Both, at, failing, holding, latencies, not_working, one_holds, working
from harness.report.card.rule import FEW, Rule
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
        "one side could not be measured at the rate, for another reason than that the rate is far beyond it",
        "What the other side does, and why this one was not measured.",
        lambda both: bool(not_working(both)),
        _one_works,
    ),
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
        "one side alone fails the limit at the rate, or the rate is far beyond it",
        "That the other side alone holds the rate, or is undecided, and why this one does not.",
        lambda both: len(holding(both)) == 1,
        lambda both: f"{at(both)} {one_holds(both)}; {failing(both)}.",
    ),
    Rule(
        "speed",
        "held-undecided",
        "more than 1 % of the requests of a side are late, but so few of them that it may be chance; or its backlog "
        "grew in a third of its trials or fewer; or two of its figures contradict each other",
        "Whether that side holds the limit is undecided.",
        lambda both: any(side.holds == "undecided" for side in (both.asyncio, both.celery)),
        lambda both: f"{at(both)} it is undecided whether {both.all.decision.limit} is held: {failing(both)}.",
    ),
    Rule(
        "speed",
        "few-rounds",
        FEW,
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
)
