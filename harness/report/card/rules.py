"""The advice: rules over measured figures, in the order in which they are tried. Nothing else decides.

The first rule of each group that applies says its sentence. `docs/decide.md` lists them; it is checked to be equal.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from harness.report.card.wording import core_count, ms, per_s, size, times_of
from harness.report.wording import counted, interval_of
from harness.statistics.deciding.conditions import saving
from harness.statistics.deciding.figures import Figures, Ratio, SideFigures
from harness.statistics.intervals import BOOTS_FOR_VERDICT, ROUNDS_FOR_VERDICT
from harness.statistics.load_doubts import LOOP_BLOCKED, loop_blocked
from harness.statistics.metrics import CPU, MEDIAN_LATENCY, P99_LATENCY

SPOILED = frozenset({LOOP_BLOCKED})
"""Kinds of spoiler, seen at run time, with which a side's figures are not its own."""
CORE = 1.0
"""Cores from which a saving decides by itself."""

Group = Literal["speed", "cost", "advice"]


class Both(NamedTuple):
    """The figures, where both sides were measured at the rate."""

    all: Figures
    asyncio: SideFigures
    celery: SideFigures
    rate_per_s: float

    def ratio(self, key: str) -> Ratio | None:
        """Celery ÷ asyncio."""
        return self.all.ratios.get(key)

    def less(self, key: str) -> SideFigures | None:
        """The side that has less of it, by its interval; None where no interval says so."""
        ratio = self.ratio(key)
        if ratio is None or ratio.said not in ("above", "below"):
            return None
        return self.asyncio if ratio.said == "above" else self.celery

    @property
    def quicker(self) -> SideFigures | None:
        """The side with the lower p99; where the p99 says nothing, with the lower median."""
        return self.less(P99_LATENCY.key) or self.less(MEDIAN_LATENCY.key)

    @property
    def saved_cores(self) -> float:
        """Cores that asyncio saves at the rate at the least, by the interval; below 0 where Celery saves them."""
        if self.asyncio.cell is None or self.celery.cell is None or not self.all.enough:
            return 0.0
        found = saving(self.asyncio.cell, self.celery.cell)
        if found is None or found.cpu_s.interval is None:
            return 0.0
        low, high = found.cpu_s.interval
        return self.rate_per_s * (low if low > 0 else min(0.0, high))


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


def _holding(both: Both) -> list[SideFigures]:
    """Sides that hold the limit, or of which that is undecided."""
    return [side for side in (both.asyncio, both.celery) if side.holds != "no"]


def _failing(both: Both) -> str:
    """Why sides do not hold it, or are undecided."""
    sides = [side for side in (both.asyncio, both.celery) if side.why_not]
    return "; ".join(f"{side.label}: {side.why_not}" for side in sides)


def _latencies(both: Both) -> str:
    """Both sides' figures of the latency that was compared, and its ratio."""
    key = P99_LATENCY.key if both.less(P99_LATENCY.key) else MEDIAN_LATENCY.key
    name = "p99" if key == P99_LATENCY.key else "p50"
    figures = [getattr(side, f"{name}_ms") for side in (both.asyncio, both.celery)]
    if None in figures:
        return "the latency"
    ratio = both.ratio(key)
    seen = f" ({times_of(ratio.value)}, {interval_of(ratio.interval)})" if ratio and ratio.interval else ""
    return f"{name} {ms(figures[0].value)} on asyncio, {ms(figures[1].value)} on Celery{seen}"


def _costs(both: Both) -> str:
    parts = []
    for side in (both.asyncio, both.celery):
        cores = side.cores(both.rate_per_s)
        memory = f" and {size(side.memory_mb.value)}" if side.memory_mb else ""
        parts.append(f"{side.label} {core_count(cores.value) if cores else 'an unknown number of cores'}{memory}")
    return f"{parts[0]}, {parts[1]}"


def _spoiled(both: Both) -> str:
    """What spoils the figures of a side; empty if nothing does."""
    found = [spoiler for spoiler in both.all.decision.spoilers if spoiler.kind in SPOILED]
    if found:
        return f"{found[0].kind} at {found[0].place}" if found[0].place else found[0].kind
    cell = both.asyncio.cell
    return "loop-blocked" if cell is not None and loop_blocked(cell) is not None else ""


def _at(both: Both) -> str:
    return f"At {per_s(both.rate_per_s)}"


RULES: tuple[Rule, ...] = (
    Rule(
        "speed",
        "nobody-holds",
        "both sides fail the limit at the rate: the backlog grows in more than a third of the trials, or more than 1 % "
        "of the requests are late, and that by more than chance",
        "Neither side holds the rate, and why.",
        lambda both: not _holding(both),
        lambda both: f"{_at(both)} neither side holds {both.all.decision.limit}: {_failing(both)}.",
    ),
    Rule(
        "speed",
        "one-holds",
        "one side alone fails the limit at the rate",
        "That side alone holds the rate, and why the other does not.",
        lambda both: len(_holding(both)) == 1,
        lambda both: f"{_at(both)} only {_holding(both)[0].label} holds {both.all.decision.limit}; {_failing(both)}.",
    ),
    Rule(
        "speed",
        "held-undecided",
        "more than 1 % of the requests of a side are late, but so few of them that it may be chance; or its backlog "
        "grew in a third of its trials or fewer",
        "Whether that side holds the limit is undecided.",
        lambda both: any(side.holds == "undecided" for side in (both.asyncio, both.celery)),
        lambda both: f"{_at(both)} it is undecided whether {both.all.decision.limit} is held: {_failing(both)}.",
    ),
    Rule(
        "speed",
        "few-rounds",
        f"fewer than {ROUNDS_FOR_VERDICT} rounds or {BOOTS_FOR_VERDICT} boots",
        "Too few rounds to say which side is quicker.",
        lambda both: not both.all.enough,
        lambda both: (
            f"{_at(both)} both hold {both.all.decision.limit}; which is quicker is not said after "
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
            f"{_at(both)} both hold {both.all.decision.limit}, and "
            f"{'asyncio' if both.quicker is both.asyncio else 'Celery'} is quicker: {_latencies(both)}."
        ),
    ),
    Rule(
        "speed",
        "not-separated",
        "else",
        "Both hold the rate, and the intervals of their latencies do not separate them.",
        lambda _: True,
        lambda both: (
            f"{_at(both)} both hold {both.all.decision.limit}, and their latencies are not separated: "
            f"{_latencies(both)}."
        ),
    ),
    Rule(
        "cost",
        "few-rounds",
        f"fewer than {ROUNDS_FOR_VERDICT} rounds or {BOOTS_FOR_VERDICT} boots",
        "What each side took, without a verdict.",
        lambda both: not both.all.enough,
        lambda both: f"So far, and without a verdict, at that rate: {_costs(both)}.",
    ),
    Rule(
        "cost",
        "cheaper",
        "the interval of the ratio of CPU per request lies on one side of 1, and not within ±5 %",
        "Which side takes fewer cores at the rate, and the memory of both.",
        lambda both: both.less(CPU.key) is not None,
        lambda both: (
            f"{'asyncio' if both.less(CPU.key) is both.asyncio else 'Celery'} takes fewer cores at that rate: "
            f"{_costs(both)}."
        ),
    ),
    Rule(
        "cost",
        "cost-not-separated",
        "else",
        "The intervals of the cost do not separate the sides.",
        lambda _: True,
        lambda both: f"Their CPU is not separated: {_costs(both)}.",
    ),
    Rule(
        "advice",
        "spoiled",
        "the event loop was blocked (`loop-blocked`)",
        "Mend that first, then decide again.",
        lambda both: bool(_spoiled(both)),
        lambda both: f"Mend {_spoiled(both)} and decide again: until then these are not the figures of asyncio.",
    ),
    Rule(
        "advice",
        "neither",
        "both sides fail the limit at the rate",
        "Take neither as it is.",
        lambda both: not _holding(both),
        lambda _: "Take neither as it is: lower the rate, allow a longer p99, or add processes and cores.",
    ),
    Rule(
        "advice",
        "take-the-one-that-holds",
        "one side alone fails the limit at the rate",
        "Take that side.",
        lambda both: len(_holding(both)) == 1,
        lambda both: f"Take {_holding(both)[0].label}: the other side does not hold this rate here.",
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
