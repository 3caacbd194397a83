"""The answer for each group of a view: the base against the fastest contender of the other side, and their cost."""

from collections.abc import Iterator

from harness.report.answers import highest_rate
from harness.report.answers.figures import blocked_loops, figures, has_figures, kept_up, not_sustained
from harness.report.wording import amount, capitalised, indicative, interval_of, inverse, times
from harness.results.model import Cell, Comparison, Interval, Results, View
from harness.statistics.groups import bases_of, groups, rivals_of
from harness.statistics.metrics import BY_KEY, CPU, MEMORY, THROUGHPUT
from harness.statistics.ranking import leading, ranking
from harness.statistics.verdicts import NO_DIFFERENCE, UNDECIDED, in_words, said_by


def sentences(results: Results, view: View) -> Iterator[str]:
    """The sentences on one view."""
    for group in groups(results.cells, view):
        if any(cell.highest_rate for cell in group):
            yield from _highest_rates(results, view, group)
        else:
            yield from _of_group(results, view, group)


def _highest_rates(results: Results, view: View, group: list[Cell]) -> Iterator[str]:
    for cell in group:
        if cell.highest_rate:
            yield highest_rate.sentence(f"{_workload(results, cell)}, {view.name}", cell, cell.highest_rate)


def _of_group(results: Results, view: View, group: list[Cell]) -> Iterator[str]:
    measured = [cell for cell in group if has_figures(cell)]
    subject = f"{_workload(results, group[0])}, {view.name}{_load(results, view, group[0])}"
    if len(measured) < len(group):
        missing = ", ".join(f"{cell.label} ({cell.status})" for cell in group if not has_figures(cell))
        yield f"{subject}: no figures for {missing}."
    if view.matched == "none":
        if measured:
            seen = "; ".join(map(figures, measured))
            yield f"{subject}: not ranked, because nothing is matched; {seen}.{blocked_loops(measured)}"
        return
    yield from not_sustained(subject, measured)
    for base in bases_of(group):
        if has_figures(base):
            tuned = ", both tuned" if base.tuning else ""
            yield from _against_rival(results, view, f"{subject}{tuned}", base, measured)


def _against_rival(results: Results, view: View, subject: str, base: Cell, measured: list[Cell]) -> Iterator[str]:
    """The base against the fastest of the other side; where nothing compares them, the figures of all."""
    rivals = rivals_of(measured, base)
    if not rivals:
        return
    metric = ranking(base)
    rival = leading(rivals, metric) if metric else None
    comparison = _comparison(results, view, base, rival) if rival else None
    if rival and comparison:
        yield f"{subject}: {_verdict(base, rival, comparison)}{blocked_loops([base, rival])} {_cost(base, rival)}"
    elif metric is not THROUGHPUT and all(map(kept_up, measured)):
        yield f"{subject}: {'; '.join(map(figures, measured))}.{blocked_loops(measured)}"


def _comparison(results: Results, view: View, base: Cell, rival: Cell) -> Comparison | None:
    """Of the two, by the metric that ranks them."""
    metric = ranking(base)
    wanted = (view.name, base.workload, base.params, base.load, base.label, rival.label, metric and metric.key)
    for comparison in results.comparisons:
        where = (comparison.view, comparison.workload, comparison.params, comparison.load)
        if (*where, comparison.base, comparison.contender, comparison.metric) == wanted:
            return comparison
    return None


def _workload(results: Results, cell: Cell) -> str:
    """The workload, with the parameters by which this cell differs from others of it that are shown."""
    views = {view.name for view in results.run.views}
    others = [other.params for other in results.cells if other.workload == cell.workload and views & set(other.views)]
    differing = [key for key, value in cell.params.items() if any(params.get(key) != value for params in others)]
    return cell.workload + "".join(f" with {key}={cell.params[key]}" for key in differing)


def _load(results: Results, view: View, cell: Cell) -> str:
    """The load, where the view has several."""
    loads = {member.load.text for member in results.cells if view.name in member.views}
    return f", {cell.load.text}" if len(loads) > 1 else ""


def _verdict(base: Cell, rival: Cell, comparison: Comparison) -> str:
    """Who was faster, stated from the side of the faster one."""
    metric = BY_KEY[comparison.metric]
    rival_name = f"the fastest {'tuned ' if base.tuning else ''}{rival.side.capitalize()} contender, {rival.label}"
    what = metric.name if metric is THROUGHPUT else f"{metric.name} at {base.load.text}"
    ratio, interval = comparison.ratio, comparison.ci95
    if interval is None:
        return f"{base.label} had {times(1 / ratio)} the {what} of {rival_name}, in a single round."
    verdict = comparison.verdict or in_words(said_by(interval), metric.verdicts)
    if verdict in (NO_DIFFERENCE, UNDECIDED):
        seen = " seen" if verdict == NO_DIFFERENCE and comparison.verdict is None else ""
        return (
            f"{verdict}{seen} in {what} between {base.label} and {rival_name}: ratio {1 / ratio:.2f} "
            f"({_interval(comparison, inverse(interval))})."
        )
    if (ratio > 1) == metric.more_is_better:
        winner, loser = capitalised(rival_name), base.label
    else:
        winner, loser = base.label, rival_name
        ratio, interval = 1 / ratio, inverse(interval)
    return f"{winner} was faster than {loser}: {times(ratio)} the {what} ({_interval(comparison, interval)})."


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
