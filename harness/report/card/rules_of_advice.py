"""The sentence that says what to do."""

from harness.report.card.both import (
    OTHERS_MOST,
    Both,
    deciding,
    holding,
    mended,
    not_working,
    others,
    spoiled,
    takes,
    working,
)
from harness.report.card.rule import FEW, ONE_HOLDS, ONE_WORKS, Rule
from harness.report.card.wording import per_s
from harness.statistics.metrics import CPU
from harness.statistics.units import percent

CORE = 1.0
"""Cores from which a saving decides by itself."""
KEEPS = "Celery keeps what waits outside your process; asyncio needs no other service."


def _take_the_one(both: Both) -> str:
    (holds,) = holding(both)
    (fails,) = (side for side in (both.asyncio, both.celery) if side is not holds)
    needed = f" {takes(fails, both.rate_per_s, both)}" if fails.beyond_per_s is not None else ""
    return f"Take {holds.label}: the other side does not hold this rate here.{needed}"


def _beyond(both: Both) -> str:
    wanted = both.all.decision.wanted_per_s or both.rate_per_s
    sides = (side for side in (both.asyncio, both.celery) if side.beyond_per_s is not None)
    needed = " ".join(takes(side, wanted, both) for side in sides)
    beyond = f"{per_s(wanted)} needs more than this machine"
    return f"{beyond}. If CPU grows with the rate, and nothing else is a limit: {needed}"


def _neither(both: Both) -> str:
    beyond = [side for side in (both.asyncio, both.celery) if side.beyond_per_s is not None]
    needed = "".join(f" {takes(side, both.rate_per_s, both)}" for side in beyond)
    return f"Take neither as it is: lower the rate, allow a longer p99, or add processes and cores.{needed}"


RULES = (
    Rule(
        "advice",
        "spoiled",
        "calls that wait blocked the event loop (where others used more than "
        f"{percent(OTHERS_MOST)} of the machine, only if the source shows such a call)",
        "mend that, then decide again",
        lambda both: bool(spoiled(both)),
        lambda both: f"Mend {spoiled(both)} and decide again: until then these are not the figures of asyncio.",
    ),
    Rule(
        "advice",
        "option-decides",
        "an option of the task, such as `expires` or `rate_limit`, decided what Celery does",
        "mend that option",
        lambda both: bool(deciding(both)),
        mended,
    ),
    Rule(
        "advice",
        "one-works",
        ONE_WORKS,
        "mend that side, then decide again",
        lambda both: bool(not_working(both)),
        lambda both: (
            f"Mend what keeps {not_working(both)[0].label} from working, then decide again: these figures are those of "
            f"{working(both)[0].label} alone."
        ),
    ),
    Rule(
        "advice",
        "others",
        f"others used more than {percent(OTHERS_MOST)} of the machine during a side's trials",
        "decide again on a quiet machine",
        lambda both: others(both) > OTHERS_MOST,
        lambda both: (
            f"Decide again on a quiet machine: others used {percent(others(both))} of it, and the figures show that "
            "too."
        ),
    ),
    Rule(
        "advice",
        "beyond",
        "the rate is far beyond each side",
        "what it would take",
        lambda both: both.all.decision.wanted_per_s is not None,
        _beyond,
    ),
    Rule(
        "advice",
        "neither",
        "both sides fail the limit",
        "take neither as it is",
        lambda both: not holding(both),
        _neither,
    ),
    Rule(
        "advice",
        "one-undecided",
        "one side fails the limit, and the other one is undecided",
        "decide again with more time",
        lambda both: len(holding(both)) == 1 and holding(both)[0].holds == "undecided",
        lambda both: (
            f"Decide again with more time (--time): whether {holding(both)[0].label} holds this rate is undecided."
        ),
    ),
    Rule(
        "advice",
        "take-the-one-that-holds",
        ONE_HOLDS,
        "take the other one",
        lambda both: len(holding(both)) == 1,
        _take_the_one,
    ),
    Rule(
        "advice",
        "few-rounds",
        FEW,
        "decide again with more time",
        lambda both: not both.all.enough,
        lambda _: "No advice yet: decide again with more time (--time) or on a quieter machine.",
    ),
    Rule(
        "advice",
        "held-undecided",
        "a side is undecided",
        "decide again with more time",
        lambda both: any(side.holds == "undecided" for side in (both.asyncio, both.celery)),
        lambda both: "Decide again with more time (--time): whether the limit is held at this rate is undecided.",
        "Undecided whether the limit is held: decide again with more time (--time).",
    ),
    Rule(
        "advice",
        "saves-a-core",
        "by the lower end of the interval, asyncio saves a whole core",
        "take asyncio, unless a request must outlive its process",
        lambda both: both.saved_cores >= CORE,
        lambda _: "Take asyncio, which saves a whole core at this rate, unless a request must outlive its process.",
    ),
    Rule(
        "advice",
        "celery-saves-a-core",
        "by the interval, Celery saves a whole core",
        "take Celery",
        lambda both: both.saved_cores <= -CORE,
        lambda both: f"Take {both.celery.label}, which saves a whole core at this rate.",
    ),
    Rule(
        "advice",
        "not-separated",
        "neither latency nor CPU separates the sides",
        "choose by durability and operations",
        lambda both: both.quicker is None and both.less(CPU.key) is None,
        lambda _: (
            f"Choose by durability and operations instead of speed: the intervals do not separate the sides. {KEEPS}"
        ),
    ),
    Rule(
        "advice",
        "less-than-a-core",
        "else: no difference as large as a core is known",
        "choose by durability and operations",
        lambda _: True,
        lambda _: (
            "Both do at this rate, and no difference as large as a core is known: choose by durability and "
            f"operations. {KEEPS}"
        ),
        "Both do at this rate: choose by durability and operations.",
    ),
)
