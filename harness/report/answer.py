"""The answer in words: which side was faster for each workload, by what factor, at what cost."""

from collections.abc import Iterator

from harness.report.tables.scaling import told as told_of
from harness.results.model import Cell, Comparison, Interval, Results, View
from harness.statistics.comparisons import FASTER, METRICS, bases_of, groups, quickest, ranking, rivals_of
from harness.statistics.intervals import ROUNDS_FOR_VERDICT
from harness.statistics.metrics import sustained
from harness.statistics.rungs import TOGETHER, decided, direction, effects, told
from harness.statistics.sweeps import is_sweep, scalings

THROUGHPUT = "throughput_per_s"
WORDS = {THROUGHPUT: "requests/s", "latency_p50_ms": "median latency", "latency_p99_ms": "p99 latency"}


def answers(results: Results) -> list[str]:
    """One sentence or two for each workload of each view; what the rungs of a ladder came to."""
    found = [
        sentence
        for view in results.run.views
        if view.rung is None
        for sentence in (_of_sweep if is_sweep(results.cells, view) else _of_groups)(results, view)
    ]
    return found + list(_of_ladder(results, [view for view in results.run.views if view.rung]))


def _of_ladder(results: Results, rungs: list[View]) -> Iterator[str]:
    """What helped, what cost, and what made no difference: the rungs by their direction."""
    found = {view: effects(results, view) for view in rungs}
    for wanted, title in (("faster", "Made it faster"), ("slower", "Made it slower")):
        named = [
            f"{view.name}{' (UNSAFE)' if view.rung and view.rung.unsafe else ''}: {told(ones)}"
            for view, ones in found.items()
            if direction(ones) == wanted
        ]
        if named:
            yield f"{title}: {'. '.join(named)}."
    rest = {view.name: decided(ones) for view, ones in found.items() if ones and direction(ones) is None}
    for known, title in ((True, "No difference in speed"), (False, "Too few rounds to say")):
        if names := [name for name, one in rest.items() if one is known]:
            yield f"{title}: {', '.join(names)}."
    if results.run.status == "done" and rungs and all(view.name != TOGETHER for view in rungs) and all(rest.values()):
        yield "No two safe changes of the ladder's own base that made it faster can be had together."


def _of_sweep(results: Results, view: View) -> Iterator[str]:
    """What has no figures; where the sides change places over each number."""
    mine = [cell for cell in results.cells if view.name in cell.views]
    if missing := [cell for cell in mine if cell.status != "measured" or not cell.summary]:
        shown = ", ".join(f"{cell.label} under {cell.load.text} ({cell.status})" for cell in missing)
        yield f"{view.name}: no figures for {shown}."
    yield from _not_sustained(view.name, [cell for cell in mine if cell not in missing])
    for one in scalings(results.cells, [view]):
        for sentence in told_of(one):
            yield f"{one.fixed}, {WORDS[one.metric]} by {one.over}: {sentence}"


def _of_groups(results: Results, view: View) -> Iterator[str]:
    for group in groups(results.cells, view):
        yield from _of_group(results, view, group)


def _of_group(results: Results, view: View, group: list[Cell]) -> Iterator[str]:
    measured = [cell for cell in group if cell.status == "measured" and cell.summary]
    if any(cell.highest_rate for cell in group):
        for cell in group:
            yield from _highest_rate(f"{cell.workload}{_variant(results, cell)}, {view.name}", cell)
        return
    subject = f"{group[0].workload}{_variant(results, group[0])}, {view.name}{_load(results, view, group[0])}"
    if len(measured) < len(group):
        missing = ", ".join(f"{cell.label} ({cell.status})" for cell in group if cell not in measured)
        yield f"{subject}: no figures for {missing}."
    if view.matched == "none":
        if measured:
            yield f"{subject}: not ranked, because nothing is matched; {'; '.join(map(_figures, measured))}."
        return
    yield from _not_sustained(subject, measured)
    for base in bases_of(group):
        tuned = ", both tuned" if base.tuning else ""
        yield from _ranked(results, view, f"{subject}{tuned}", base, measured)


def _ranked(results: Results, view: View, subject: str, base: Cell, measured: list[Cell]) -> Iterator[str]:
    """The base against the fastest of the other side."""
    metric = ranking(base)
    others = rivals_of(measured, base)
    if base not in measured or not others:
        return
    rival = quickest(others, metric) if metric else None
    found = _comparison(results.comparisons, view, base, rival, metric) if rival and metric else None
    if rival is None or found is None:
        if metric != THROUGHPUT and all(sustained(trial) for cell in measured for trial in cell.trials):
            yield f"{subject}: {'; '.join(map(_figures, measured))}."
        return
    yield f"{subject}: {_verdict(base, rival, found)} {_cost(base, rival)}"


def _highest_rate(subject: str, cell: Cell) -> Iterator[str]:
    """What a search has found, and what stood in the way of more."""
    found = cell.highest_rate
    if found is None:
        return
    if found.rate_per_s is None:
        state = "no rate was found" if found.status == "not_found" else "the search did not end"
        yield f"{subject}: {cell.label}: {state} for {found.limit}{f': {found.why}' if found.why else ''}."
        return
    interval = cell.summary.throughput_ci95 if cell.summary else None
    served = f", serving {interval[0]:,.4g} to {interval[1]:,.4g}/s (95 % interval)" if interval else ""
    more = f"; {found.failed_per_s:,.4g}/s did not hold" if found.failed_per_s else ""
    limited = f", limited by {found.limited_by}" if found.limited_by else ""
    rounds = f"confirmed in {len(cell.trials)} round{'' if len(cell.trials) == 1 else 's'}"
    rate = f"{found.rate_per_s:,.4g}/s"
    yield f"{subject}: {cell.label} holds {found.limit} up to {rate}, {rounds}{served}{more}{limited}."


def _not_sustained(subject: str, measured: list[Cell]) -> Iterator[str]:
    """Rates that were more than a contender serves: its latency is then no property of it."""
    for cell in measured:
        if all(sustained(trial) for trial in cell.trials):
            continue
        served = f"; it served {_throughput(cell):,.0f}/s" if cell.summary else ""
        yield f"{subject}: {cell.label} did not sustain {cell.load.text}{served}."


def _variant(results: Results, cell: Cell) -> str:
    """The parameters by which this cell differs from others of its workload that are shown."""
    views = {view.name for view in results.run.views}
    alike = [one.params for one in results.cells if one.workload == cell.workload and views & set(one.views)]
    differing = [key for key, value in cell.params.items() if any(other.get(key) != value for other in alike)]
    return "".join(f" with {key}={cell.params[key]}" for key in differing)


def _load(results: Results, view: View, cell: Cell) -> str:
    """The load, where the view has several."""
    loads = {one.load.text for one in results.cells if view.name in one.views}
    return f", {cell.load.text}" if len(loads) > 1 else ""


def _comparison(found: list[Comparison], view: View, base: Cell, rival: Cell, metric: str) -> Comparison | None:
    for one in found:
        same = (one.view, one.workload, one.params, one.load) == (view.name, base.workload, base.params, base.load)
        if same and (one.base, one.contender, one.metric) == (base.label, rival.label, metric):
            return one
    return None


def _verdict(base: Cell, rival: Cell, found: Comparison) -> str:
    """Who was faster, stated from the side of the faster one."""
    rivals = f"the fastest {'tuned ' if base.tuning else ''}{rival.side.capitalize()} contender, {rival.label}"
    what = f"{WORDS[found.metric]}{'' if found.metric == THROUGHPUT else ' at ' + base.load.text}"
    more_is_faster = METRICS[found.metric][1] == FASTER
    if found.ci95 is None:
        return f"{base.label} had {_times(1 / found.ratio)} the {what} of {rivals}, in a single round."
    if found.ci95[0] <= 1 <= found.ci95[1]:
        told = "no difference" if found.rounds >= ROUNDS_FOR_VERDICT else "no difference to be seen"
        return (
            f"{told} in {what} between {base.label} and {rivals}: ratio {1 / found.ratio:.2f} "
            f"({_interval(_inverse(found.ci95))}{_indicative(found)})."
        )
    base_is_faster = (found.ratio < 1) == more_is_faster
    winner, loser = (base.label, rivals) if base_is_faster else (_capital(rivals), base.label)
    ratio, interval = (1 / found.ratio, _inverse(found.ci95)) if base_is_faster else (found.ratio, found.ci95)
    return f"{winner} was faster than {loser}: {_times(ratio)} the {what} ({_interval(interval)}{_indicative(found)})."


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _inverse(interval: Interval) -> Interval:
    return 1 / interval[1], 1 / interval[0]


def _times(ratio: float) -> str:
    if ratio >= 10:
        return f"{ratio:,.0f} times"
    return f"{ratio:.2f} times" if ratio >= 0.1 else f"{ratio:.2g} times"


def _interval(interval: Interval) -> str:
    digits = 0 if interval[0] >= 10 else 2 if interval[0] >= 0.1 else 4
    return f"95 % interval {interval[0]:,.{digits}f} to {interval[1]:,.{digits}f}"


def _indicative(found: Comparison) -> str:
    return "" if found.rounds >= ROUNDS_FOR_VERDICT else f"; indicative, {found.rounds} rounds"


def _cost(base: Cell, rival: Cell) -> str:
    """CPU and memory of both, which count where everything shares one machine."""
    a, b = base.summary, rival.summary
    parts = []
    if a is None or b is None:
        return ""
    if a.cpu_s_per_1000 is not None and b.cpu_s_per_1000 is not None:
        parts.append(f"CPU per 1,000 requests {_amount(a.cpu_s_per_1000)} s against {_amount(b.cpu_s_per_1000)} s")
    if a.memory_mb is not None and b.memory_mb is not None:
        parts.append(f"memory {a.memory_mb:,.0f} MB against {b.memory_mb:,.0f} MB")
    return f"Cost, {base.label} first: {', '.join(parts)}." if parts else ""


def _amount(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def _figures(cell: Cell) -> str:
    ceiling = cell.summary.percent_of_ceiling if cell.summary else None
    reached = f", {ceiling:.1f} % of its ceiling" if ceiling is not None and cell.load.kind != "open" else ""
    return f"{cell.label} {_throughput(cell):,.0f} requests/s{reached}"


def _throughput(cell: Cell) -> float:
    return cell.summary.throughput_per_s if cell.summary else 0.0
