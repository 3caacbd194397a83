"""The figures of both sides at the rate, as the rules of the advice ask for them and their sentences say them."""

from typing import NamedTuple

from harness.accounting.bottleneck import busiest_core
from harness.report.card.wording import core_count, ms, per_s, size, times_of
from harness.report.wording import counted, interval_of
from harness.report.words.doubts import WEIGHING
from harness.results.model import Cell, Spoiler
from harness.statistics.deciding.conditions import saving
from harness.statistics.deciding.figures import RATE_LIMIT, Figures, Known, Ratio, SideFigures
from harness.statistics.deciding.needs import needs
from harness.statistics.load_doubts import LOOP_BLOCKED, loop_blocked
from harness.statistics.metrics import CPU, MEDIAN_LATENCY, MEMORY, P99_LATENCY

COMPUTED_LEAST = 0.5
"""CPU ÷ time in which the event loop was held, from which the job computes rather than waits."""
IN_SOURCE = frozenset({"blocking-call", "sleep-in-coroutine"})
"""Kinds that name a call that blocks by its line."""
OTHERS_MOST = 0.33
"""Share of the machine that others may use."""
SPOILED = frozenset({LOOP_BLOCKED})
"""Kinds of spoiler, seen at run time, with which a side's figures are not its own."""


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
        less, more = (self.asyncio, self.celery) if ratio.said == "above" else (self.celery, self.asyncio)
        shown, other = _shown(less, key), _shown(more, key)
        return less if shown is not None and other is not None and shown < other else None

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
        saved = self.rate_per_s * (low if low > 0 else min(0.0, high))
        shown = [side.cores(self.rate_per_s) for side in (self.asyncio, self.celery)]
        if shown[0] is None or shown[1] is None:
            return 0.0
        between = shown[1].value - shown[0].value
        return min(saved, max(0.0, between)) if saved > 0 else max(saved, min(0.0, between))


def _shown(side: SideFigures, key: str) -> float | None:
    """The figure that the card has of a metric."""
    known_of: dict[str, Known | None] = {
        P99_LATENCY.key: side.p99_ms,
        MEDIAN_LATENCY.key: side.p50_ms,
        CPU.key: side.cpu_s,
        MEMORY.key: side.memory_mb,
    }
    known = known_of[key]
    return known.value if known is not None else None


def both_of(figures: Figures) -> Both | None:
    """Where it is known of a side what it does at the rate; else None."""
    base, other, rate = figures.asyncio, figures.celery, figures.decision.rate_per_s
    if base is None or other is None or rate is None or not (base.works or other.works):
        return None
    return Both(figures, base, other, rate)


def with_doubts(sentence: str, both: Both, *, doubted: bool) -> str:
    """A sentence with figures, and the doubts that weigh on them."""
    kinds: list[str] = []
    for side in (both.asyncio, both.celery):
        doubts = side.cell.summary.doubts if side.cell is not None and side.cell.summary is not None else []
        kinds += [doubt.kind for doubt in doubts if doubt.kind in WEIGHING]
    if not doubted or not kinds:
        return sentence
    named = ", ".join(dict.fromkeys(kinds))
    return f"{sentence} {'Doubts' if ',' in named else 'Doubt'}: {named}."


def working(both: Both) -> list[SideFigures]:
    """Sides of which it is known what they do at the rate."""
    return [side for side in (both.asyncio, both.celery) if side.works]


def not_working(both: Both) -> list[SideFigures]:
    """Those of which it is not."""
    return [side for side in (both.asyncio, both.celery) if not side.works]


def deciding(both: Both) -> list[Spoiler]:
    """Options of the task that were seen to decide; a limit of its rate only where it keeps Celery from the rate."""
    return [each for each in both.all.deciding if each.kind != RATE_LIMIT or both.celery.holds != "yes"]


def mended(both: Both) -> str:
    """What to do about the first of them."""
    first = deciding(both)[0]
    place = f" at {first.place}" if first.place else ""
    what = f"{first.kind}{place} decides what Celery does here: {first.text}."
    return f"{what} Decide again once that is settled: {first.advice}."


def takes(side: SideFigures, rate_per_s: float, both: Both) -> str:
    """What a rate takes on a side, in a sentence."""
    found = needs(side, rate_per_s, both.all.cores)
    parts = []
    if found.processes is not None:
        parts.append(counted(found.processes, "worker" if side.side == "celery" else "process"))
    if found.slots is not None:
        parts.append(f"{found.slots:,} slots")
    if found.cores is not None:
        parts.append(core_count(found.cores))
    machines = f", {counted(found.machines, 'machine')} like this one" if found.machines is not None else ""
    listed = ", ".join(parts) or "more than is known here"
    return f"{side.label} would take about {listed}{machines}."


def holding(both: Both) -> list[SideFigures]:
    """Sides that hold the limit, or of which that is undecided."""
    return [side for side in (both.asyncio, both.celery) if side.holds != "no"]


def one_holds(both: Both) -> str:
    """Which side holds the limit where the other fails it; or that this is undecided."""
    (other,) = holding(both)
    limit = both.all.decision.limit
    if other.holds == "undecided":
        return f"one side fails {limit}, and of the other it is undecided"
    return f"only {other.label} holds {limit}"


def failing(both: Both) -> str:
    """Why sides do not hold it, or are undecided."""
    sides = [side for side in (both.asyncio, both.celery) if side.why_not]
    return "; ".join(f"{side.label}: {side.why_not}" for side in sides)


def latencies(both: Both) -> str:
    """Both sides' figures of the latency that was compared, and its ratio."""
    key = P99_LATENCY.key if both.less(P99_LATENCY.key) else MEDIAN_LATENCY.key
    name = "p99" if key == P99_LATENCY.key else "p50"
    figures = [getattr(side, f"{name}_ms") for side in (both.asyncio, both.celery)]
    if None in figures:
        return "the latency"
    ratio = both.ratio(key)
    seen = f" ({times_of(ratio.value)}, {interval_of(ratio.interval)})" if ratio and ratio.interval else ""
    return f"{name} {ms(figures[0].value)} on asyncio, {ms(figures[1].value)} on Celery{seen}"


def costs(both: Both) -> str:
    """Cores and memory of both sides at the rate."""
    return f"{_cost(both.asyncio, both)}, {_cost(both.celery, both)}"


def cost_of(side: SideFigures, both: Both) -> str:
    """The same of one."""
    return _cost(side, both).replace(side.label, f"{side.label} takes", 1)


def _cost(side: SideFigures, both: Both) -> str:
    cores = side.cores(both.rate_per_s)
    memory = f" and {size(side.memory_mb.value)}" if side.memory_mb else ""
    return f"{side.label} {core_count(cores.value) if cores else 'an unknown number of cores'}{memory}"


def spoiled(both: Both) -> str:
    """What spoils the figures of asyncio: calls that wait in the event loop; empty if nothing does.

    An event loop that is held because the job computes shows asyncio as it is for such a job. Where others used much of
    the machine, a call that blocks must be seen in the source too.
    """
    cell = both.asyncio.cell
    if cell is not None and _computes(cell):
        return ""
    in_source = any(spoiler.kind in IN_SOURCE and spoiler.side == "asyncio" for spoiler in both.all.decision.spoilers)
    if others(both) > OTHERS_MOST and not in_source:
        return ""
    found = [spoiler for spoiler in both.all.decision.spoilers if spoiler.kind in SPOILED]
    if found:
        return f"{found[0].kind} at {found[0].place}" if found[0].place else found[0].kind
    return LOOP_BLOCKED if cell is not None and loop_blocked(cell) is not None else ""


def _computes(cell: Cell) -> bool:
    """Whether the driver used CPU for most of the time in which its event loop was held; not a command that it ran."""
    usages = [(trial.usage.driver, trial.loop_busy) for trial in cell.counted]
    known = [(busiest_core(usage), busy) for usage, busy in usages if usage and usage.seconds and busy]
    return bool(known) and sum(cpu for cpu, _ in known) >= COMPUTED_LEAST * sum(busy for _, busy in known)


def others(both: Both) -> float:
    """Share of the machine that others used, during the trials of the side that had more of it."""
    return max(both.asyncio.others, both.celery.others)


def at(both: Both) -> str:
    """The rate, to begin a sentence."""
    return f"At {per_s(both.rate_per_s)}"
