"""The answer for each group of a view: the base against the fastest contender of the other side, and their cost."""

from collections.abc import Iterator

from harness.report.answers import highest_rate
from harness.report.answers.figures import blocked_loops, figures, kept_up, not_sustained
from harness.report.pairs import Pair, has_figures, pairs, untold
from harness.report.subjects import load_of, workload_of
from harness.report.wording import amount, capitalised, indicative, interval_of, inverse, times
from harness.results.model import Cell, Comparison, Interval, Results, View
from harness.statistics.groups import bases_of, groups, rivals_of
from harness.statistics.metrics import CPU, MEMORY, THROUGHPUT
from harness.statistics.ranking import ranking
from harness.statistics.verdicts import NO_DIFFERENCE, UNDECIDED, in_words, said_by


def sentences(results: Results, view: View) -> Iterator[str]:
    """The sentences on one view."""
    yield from searched(results, view)
    for group in groups(results.cells, view):
        if not any(cell.highest_rate for cell in group):
            yield from _of_group(results, view, group)


def searched(results: Results, view: View) -> Iterator[str]:
    """What its searches for the highest rate have found."""
    for group in groups(results.cells, view):
        for cell in group:
            if cell.highest_rate:
                yield highest_rate.sentence(f"{workload_of(results, cell)}, {view.name}", cell, cell.highest_rate)


def _of_group(results: Results, view: View, group: list[Cell]) -> Iterator[str]:
    measured = [cell for cell in group if has_figures(cell)]
    subject = f"{workload_of(results, group[0])}, {view.name}{load_of(results, view, group[0])}"
    if len(measured) < len(group):
        missing = ", ".join(f"{cell.label} ({cell.status})" for cell in group if not has_figures(cell))
        yield f"{subject}: no figures for {missing}."
    if view.matched == "layers":
        return
    if view.matched == "none":
        if measured:
            seen = "; ".join(map(figures, measured))
            yield f"{subject}: not ranked, because nothing is matched; {seen}.{blocked_loops(measured)}"
        return
    yield from not_sustained(subject, measured)
    compared = list(pairs(results, view, group))
    for pair in compared:
        tuned = ", both tuned" if pair.base.tuning and pair.rival.tuning else ""
        loops = blocked_loops([pair.base, pair.rival])
        yield f"{subject}{tuned}: {_verdict(pair)}{loops} {_cost(pair.base, pair.rival)}"
    bases = [base for base in bases_of(group) if has_figures(base)]
    uncompared = [base for base in bases if base not in [pair.base for pair in compared]]
    unranked = any(rivals_of(measured, base) and ranking(base) is not THROUGHPUT for base in uncompared)
    if unranked and all(map(kept_up, measured)):
        yield f"{subject}: {'; '.join(map(figures, measured))}.{blocked_loops(measured)}"


def _verdict(pair: Pair) -> str:
    """Who was faster, stated from the side of the faster one."""
    base, rival, comparison = pair.base, pair.rival, pair.comparison
    metric = pair.metric
    rival_name = f"the fastest {'tuned ' if base.tuning else ''}{rival.side.capitalize()} contender, {rival.label}"
    if not pair.across:
        rival_name = rival.label
    what = metric.name if metric is THROUGHPUT else f"{metric.name} at {base.load.text}"
    if base.ideal_s == 0:
        return f"no work, so that no ratio is told; {figures(base)}; {figures(rival)}."
    factor = 1 / comparison.ratio if metric.more_is_better else comparison.ratio
    interval = comparison.ci95 and (inverse(comparison.ci95) if metric.more_is_better else comparison.ci95)
    if interval is not None:
        verdict = comparison.verdict or in_words(said_by(comparison.ci95), metric.verdicts)
        if verdict in (NO_DIFFERENCE, UNDECIDED):
            seen = " seen" if verdict == NO_DIFFERENCE and comparison.verdict is None else ""
            return (
                f"{verdict}{seen} in {what} between {base.label} and {rival_name}: ratio {factor:.2f} "
                f"({_interval(comparison, interval)})."
            )
    winner, loser = base.label, rival_name
    if factor < 1:
        winner, loser, factor = capitalised(rival_name), base.label, 1 / factor
        interval = interval and inverse(interval)
    if untold(pair):
        return f"{winner} was faster than {loser}; by how much, the number of clients decides ({base.load.text})."
    amount_of = f"{times(factor)} the throughput" if metric is THROUGHPUT else f"{times(factor)} as fast in {what}"
    if interval is None:
        return f"{winner} was ahead of {loser} in a single round: {amount_of}."
    return f"{winner} was faster than {loser}: {amount_of} ({_interval(comparison, interval)})."


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
