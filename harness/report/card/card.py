"""What stands on the card: figures of both sides, what would turn the choice, the advice, the doubts."""

import math
from collections.abc import Iterator

from harness.report.card import crashes
from harness.report.card.both import Both, spoiled
from harness.report.card.rules import advice, headline
from harness.report.card.shape import Card, CardPair
from harness.report.card.wording import ms, per_s, with_interval
from harness.report.doubted import kinds_of
from harness.report.first.certainty import doubted_in, evidence
from harness.report.table import BLANK, number
from harness.results.model import Cell, Interval, Results, Spoiler
from harness.statistics.deciding.conditions import Computing, computing, saving
from harness.statistics.deciding.figures import RATE_LIMIT, Figures, Known, SideFigures, figures_of
from harness.statistics.intervals import BOOTS_FOR_VERDICT
from harness.statistics.metrics import CPU, MEDIAN_LATENCY, P99_LATENCY
from harness.statistics.units import percent

OF_P99 = "p99<"
"""How a limit of the p99 begins."""


def card_of(results: Results) -> Card | None:
    """The card of a run of `workbench decide`, as far as it is known; None for other runs."""
    figures = figures_of(results)
    if figures is None:
        return None
    decision = figures.decision
    rate = f" at {per_s(decision.rate_per_s)}" if decision.rate_per_s else ""
    if decision.wanted_per_s and decision.rate_per_s:
        rate = f" at {per_s(decision.wanted_per_s)}, compared at {per_s(decision.rate_per_s)}"
    return Card(
        title=f"{decision.job}{rate}",
        heads=("95 % intervals", _label(figures.asyncio, "asyncio"), _label(figures.celery, "Celery")),
        lines=list(_lines(figures, results)),
        otherwise=list(_otherwise(figures)),
        advice=advice(figures),
        doubts=list(_doubts(figures)) or ["none" if _compared(figures) else "not known: the sides were not compared"],
        found=[*_found(figures), *crashes.sentences(results)],
        headline=headline(figures),
        sure=_sure(figures),
    )


def _sure(figures: Figures) -> str:
    """Rounds, the ends of the intervals of both ratios that decide, and the doubt that explains most."""
    if not _compared(figures):
        return "the sides were not compared at a rate"
    ratios = ((P99_LATENCY, "p99"), (MEDIAN_LATENCY, "p50"), (CPU, "CPU"))
    known = [(name, figures.ratios[metric.key]) for metric, name in ratios if metric.key in figures.ratios]
    if known[:1] and known[0][0] == "p99":
        known = [each for each in known if each[0] != "p50"]
    ends = [(name, each.interval) for name, each in known if each.interval]
    said = [f"{name} {number(low, 3)} to {number(high, 3)}" for name, (low, high) in ends]
    cells = [side.cell for side in (figures.asyncio, figures.celery) if side is not None and side.cell is not None]
    sure = [
        evidence(figures.rounds, BOOTS_FOR_VERDICT if figures.enough else 1),
        f"Celery ÷ asyncio: {', '.join(said)} (95 %)" if said else "",
        doubted_in([kinds_of([cell]) for cell in cells], "sides"),
    ]
    return "; ".join(filter(None, sure))


def _compared(figures: Figures) -> bool:
    return all(side is not None and side.cell is not None for side in (figures.asyncio, figures.celery))


def _label(side: SideFigures | None, usual: str) -> str:
    return side.label if side else usual


def _lines(figures: Figures, results: Results) -> Iterator[CardPair]:
    rate = figures.decision.rate_per_s
    sides = (figures.asyncio, figures.celery)
    limit = f"holds {figures.decision.limit}" if figures.decision.limit else "holds"
    yield CardPair(limit, *(_holds(side) for side in sides))
    yield CardPair("p50", *(with_interval(side and side.p50_ms, "ms") for side in sides))
    yield CardPair("p99", *(_p99(side, figures.decision.limit or "") for side in sides))
    yield CardPair("cores", *(_cores(side and rate and side.cores(rate), figures.cores) for side in sides))
    yield CardPair("memory", *(with_interval(side and side.memory_mb, "MB") for side in sides))
    yield from crashes.lines(results)
    yield CardPair("the most here", *(_most(side, figures) for side in sides))
    yield CardPair("limited by", *(_limited_by(side, figures) for side in sides))
    if any(side is not None and side.alone_mean_ms is not None and side.alone_ms is None for side in sides):
        yield CardPair("one alone, mean", *(with_interval(side and side.alone_mean_ms, "ms") for side in sides))
    else:
        yield CardPair("one alone, p50", *(with_interval(side and side.alone_ms, "ms") for side in sides))


def _p99(side: SideFigures | None, limit: str) -> str:
    """Of too few requests for a figure, that it is below the limit where so few were later."""
    if side is not None and side.p99_ms is None and side.holds == "yes" and limit.startswith(OF_P99):
        return f"below {limit.removeprefix(OF_P99)}"
    return with_interval(side and side.p99_ms, "ms")


def _cores(known: Known | float | None, there: float) -> str:
    """What the rate takes; said to be more than there are, where the rate was not served."""
    shown = known if isinstance(known, Known) else None
    text = with_interval(shown, "", 2)
    return f"{text}, of {there:g}" if shown is not None and shown.value > there else text


def _holds(side: SideFigures | None) -> str:
    if side is None or side.cell is None:
        return BLANK
    return side.holds


def _most(side: SideFigures | None, figures: Figures) -> str:
    """The rate that held … the lowest one that did not; without a search, about what it was seen to do."""
    if side is None:
        return BLANK
    held, failed = (side.most.rate_per_s, side.most.failed_per_s) if side.most is not None else (None, None)
    if held is None and side.beyond_per_s is not None:
        return f"about {per_s(side.beyond_per_s)}"
    at_rate = figures.decision.rate_per_s if side.holds == "yes" and side.measured else None
    if at_rate is not None and (held is None or at_rate > held):
        return f"at least {per_s(at_rate)}"  # it held in all rounds
    if held is None:
        return BLANK
    return f"{per_s(held)} [{per_s(failed)} not]" if failed is not None and failed > held else per_s(held)


def _limited_by(side: SideFigures | None, figures: Figures) -> str:
    if side is not None and any(each.side == side.side and each.kind == RATE_LIMIT for each in figures.deciding):
        return "rate_limit"
    return (side.limited_by if side is not None else None) or BLANK


def _otherwise(figures: Figures) -> Iterator[str]:
    base, other = figures.asyncio, figures.celery
    if base is None or other is None or base.cell is None or other.cell is None:
        yield "Not known: the sides were not compared at a rate."
        return
    if figures.decision.rate_per_s and (spoiled_by := spoiled(Both(figures, base, other, figures.decision.rate_per_s))):
        yield f"Not known before {spoiled_by} is mended: the figures are not those of asyncio."
        return
    yield _core(base.cell, other.cell)
    if figures.cores <= 1:
        yield "Processes cannot serve more than asyncio here: there is one core."
    elif (found := computing(figures)) is not None:
        yield f"{_computing(found, figures.cores)}{_seen_otherwise(found, base, other)}"


def _computing(found: Computing, cores: float) -> str:
    processes = f"By CPU, processes on {cores:g} cores serve more than one asyncio process"
    if found.already:
        return f"{processes} already: a request computes for {percent(found.share_now)} of its time alone."
    computing = f"{ms(1000 * found.cpu_s)} of computing a request, {percent(found.share)} of its time alone"
    return f"{processes} from {computing} (now {percent(found.share_now)})."


def _seen_otherwise(found: Computing, base: SideFigures, other: SideFigures) -> str:
    """That the highest rates say something else than CPU alone, if they do."""
    most, of_celery = base.most_per_s, other.most_per_s
    if most is None or of_celery is None or (of_celery > most) is found.already:
        return ""
    return f" What was seen says otherwise: the most is {per_s(most)} on asyncio, {per_s(of_celery)} on {other.label}."


def _core(base: Cell, other: Cell) -> str:
    found = saving(base, other)
    if found is None:
        return "From which rate asyncio saves a whole core is not known: the CPU of a side is not."
    if found.from_per_s is None:
        if found.cpu_s.interval is not None and found.cpu_s.interval[1] < 0:
            return "asyncio saves a core at no rate: Celery's CPU is less."
        return "No rate is known from which asyncio saves a whole core: its CPU is not known to be less."
    there = ""
    if cost := _cpu_ms(base):
        takes = round(cost * found.from_per_s.value / 1000, 1)
        processes = f", in {math.ceil(takes)} processes," if takes > 1 else ""
        there = f" (there {takes:.1f} cores{processes} instead of {takes + 1:.1f})"
    return f"asyncio saves a whole core from {_rates(found.from_per_s)} on{there}, if CPU grows with the rate."


def _cpu_ms(cell: Cell) -> float | None:
    """Of a request."""
    return CPU.in_summary(cell.summary) if cell.summary is not None else None


def _rates(known: Known) -> str:
    interval: Interval | None = known.interval
    between = f" [{number(interval[0], 2)} … {number(interval[1], 2)}]" if interval else ""
    return f"{number(known.value, 2)}{between} requests/s"


def _doubts(figures: Figures) -> Iterator[str]:
    """What spoils the job; then the doubts of both rows by their kinds, with those that have them."""
    if figures.decision.failing:
        failing = figures.decision.failing
        share = percent(failing, 1 if failing >= 0.001 else 3)
        yield f"The job itself fails {share} of its requests, on both sides: all figures are those of the others."
    for spoiler in figures.decision.spoilers:
        yield spoiler_text(spoiler)
    by_kind: dict[str, list[str]] = {}
    for side in (figures.asyncio, figures.celery):
        if side is None or side.cell is None or side.cell.summary is None:
            continue
        for doubt in side.cell.summary.doubts:
            by_kind.setdefault(doubt.kind, []).append(side.label)
    if by_kind:
        named = "; ".join(f"{kind} ({', '.join(labels)})" for kind, labels in by_kind.items())
        yield f"{named}. `workbench explain` says what each means."


def spoiler_text(spoiler: Spoiler) -> str:
    """With its place, and what to do."""
    place = f" {spoiler.place}:" if spoiler.place else ""
    return f"{spoiler.kind} ({spoiler.side}):{place} {spoiler.text}. Advice: {spoiler.advice}."


def _found(figures: Figures) -> Iterator[str]:
    decision = figures.decision
    for function in decision.functions:
        options = ", ".join(f"{name}={value}" for name, value in function.options.items())
        yield f"{function.side}: {function.name} ({function.place}){f'; {options}' if options else ''}"
    if decision.replies:
        yield f"Replies: {decision.replies}"
    if decision.rate_per_s:
        yield f"Rate: {per_s(decision.rate_per_s)}, {decision.rate_from}."
    if decision.limit:
        yield f"Limit: {decision.limit}, {decision.limit_from}."
    for pool in decision.pools:
        yield f"{'Taken' if pool.taken else 'Not taken'}: {pool.contender}: {pool.why}."
    yield from (f"Left out: {reason}." for reason in decision.left_out)
