"""The answer for each group of a view: what its work is about, then the base against the best of the other side."""

from collections.abc import Iterator

from harness.report.answers import highest_rate
from harness.report.answers.figures import carried, figures, kept_up, not_sustained
from harness.report.leading import lead_of
from harness.report.pairs import Pair, Pairs, has_figures
from harness.report.subjects import load_of, workload_of
from harness.report.wording import amount, capitalised, indicative, interval_of, inverse, times
from harness.results.model import Cell, Comparison, Interval, Results, View
from harness.results.profile import VIEW as PROFILED
from harness.statistics.groups import bases_of, groups, rivals_of
from harness.statistics.metrics import BY_KEY, CPU, MEMORY, THROUGHPUT, ranked_by
from harness.statistics.verdicts import NO_DIFFERENCE, UNDECIDED, in_words, said_by


def sentences(results: Results, view: View) -> Iterator[str]:
    """The sentences on one view."""
    yield from searched(results, view)
    if view.name == PROFILED:
        return
    pairs = Pairs(results, view)
    for group in groups(results.cells, view):
        if not any(cell.highest_rate for cell in group):
            yield from _of_group(results, view, group, pairs)


def searched(results: Results, view: View) -> Iterator[str]:
    """What its searches for the highest rate have found."""
    for group in groups(results.cells, view):
        for cell in group:
            if cell.highest_rate:
                yield highest_rate.sentence(f"{workload_of(results, cell)}, {view.name}", cell, cell.highest_rate)


def _of_group(results: Results, view: View, group: list[Cell], pairs: Pairs) -> Iterator[str]:
    measured = [cell for cell in group if has_figures(cell)]
    subject = f"{workload_of(results, group[0])}, {view.name}{load_of(results, view, group[0])}"
    if len(measured) < len(group):
        missing = ", ".join(f"{cell.label} ({cell.status})" for cell in group if not has_figures(cell))
        yield f"{subject}: no figures for {missing}."
    if view.matched == "layers" or not measured:
        return
    lead = lead_of(group[0].workload)
    if view.matched == "none":
        yield f"{subject}: not ranked, because nothing is matched; {_seen(measured)}.{carried(measured)}"
        return
    if lead.metric is not THROUGHPUT:
        yield f"{subject}: {lead.measure.name}: {', '.join(map(lead.text, measured))}.{carried(measured)}"
    yield from not_sustained(subject, measured)
    compared = list(pairs.of(group))
    for pair in compared:
        if not pair.without_work:
            cost = _cost(pair.base, pair.rival)
            yield f"{subject}{pair.both}: {_verdict(pair)} {cost}{carried([pair.base, pair.rival])}"
    bases = [base for base in bases_of(group) if has_figures(base)]
    uncompared = [base for base in bases if base not in [pair.base for pair in compared]]
    unranked = any(rivals_of(measured, base) and _by_latency(base) for base in uncompared)
    if unranked and all(map(kept_up, measured)):
        yield f"{subject}: {'; '.join(map(figures, measured))}.{carried(measured)}"


def _by_latency(cell: Cell) -> bool:
    return next(iter(ranked_by(cell)), None) is not THROUGHPUT


def _seen(cells: list[Cell]) -> str:
    """The figures that their workload is about."""
    lead = lead_of(cells[0].workload)
    if lead.metric is THROUGHPUT:
        return "; ".join(map(figures, cells))
    return f"{lead.measure.name}: {', '.join(map(lead.text, cells))}"


def _rival(pair: Pair, best: str) -> str:
    """How sentences call it: `the fastest Celery contender, celery-threads:16`."""
    base, rival = pair.base, pair.rival
    if not pair.across:
        return rival.label
    if not pair.leads or pair.promise:
        return f"the {rival.side.capitalize()} contender {rival.label}"
    return f"the {best} {'tuned ' if base.tuning else ''}{rival.side.capitalize()} contender, {rival.label}"


def _verdict(pair: Pair) -> str:
    """Who was faster, stated from the side of the faster one; by CPU alone where the set-up decides the speed."""
    metric = pair.speed
    if pair.comparison is not None:
        what = metric.name if metric is THROUGHPUT else f"{metric.name} at {pair.base.load.text}"
        amount_of = "{times} the throughput" if metric is THROUGHPUT else f"{{times}} as fast in {what}"
        return _compared(pair, pair.comparison, _rival(pair, "fastest"), what, ("faster", "ahead", amount_of))
    if pair.cpu is None:
        return f"not ranked ({pair.why})."
    words = ("cheaper", "cheaper", f"a factor of {{factor}} in {CPU.name}")
    ranked = _compared(pair, pair.cpu, _rival(pair, "cheapest"), CPU.name, words)
    return f"by CPU alone ({pair.why}), {ranked}"


def _compared(pair: Pair, comparison: Comparison, rival: str, what: str, words: tuple[str, str, str]) -> str:
    """`words`: what the better one is, what it is in a single round, and by how much."""
    better, ahead, amount_of = words
    metric = BY_KEY[comparison.metric]
    factor = 1 / comparison.ratio if metric.more_is_better else comparison.ratio
    interval = comparison.ci95 and (inverse(comparison.ci95) if metric.more_is_better else comparison.ci95)
    if interval is not None:
        verdict = comparison.verdict or in_words(said_by(comparison.ci95), metric.verdicts)
        if verdict in (NO_DIFFERENCE, UNDECIDED):
            seen = " seen" if verdict == NO_DIFFERENCE and comparison.verdict is None else ""
            return (
                f"{verdict}{seen} in {what} between {pair.base.label} and {rival}: ratio {factor:.2f} "
                f"({_interval(comparison, interval)})."
            )
    winner, loser = pair.base.label, rival
    if factor < 1:
        winner, loser, factor = capitalised(rival), pair.base.label, 1 / factor
        interval = interval and inverse(interval)
    by = amount_of.format(times=times(factor), factor=times(factor).removesuffix(" times"))
    if interval is None:
        return f"{winner} was {ahead} {'of' if ahead == 'ahead' else 'than'} {loser} in a single round: {by}."
    return f"{winner} was {better} than {loser}: {by} ({_interval(comparison, interval)})."


def _interval(comparison: Comparison, interval: Interval) -> str:
    few = "" if comparison.verdict else indicative(comparison.rounds, comparison.boots)
    return f"{interval_of(interval)}{few}"


def _cost(base: Cell, rival: Cell) -> str:
    """CPU and memory of both, which count where everything shares one machine."""
    if base.summary is None or rival.summary is None:
        return ""
    parts = []
    cpu = CPU.in_summary(base.summary), CPU.in_summary(rival.summary)
    if cpu[0] is not None and cpu[1] is not None:
        parts.append(f"{CPU.name} {amount(cpu[0])} s against {amount(cpu[1])} s")
    memory = MEMORY.in_summary(base.summary), MEMORY.in_summary(rival.summary)
    if memory[0] is not None and memory[1] is not None:
        parts.append(f"{MEMORY.name} {memory[0]:,.0f} MB against {memory[1]:,.0f} MB")
    return f"Cost, {base.label} first: {', '.join(parts)}." if parts else ""
