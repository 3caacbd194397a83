"""Compares contenders within a view, pair by pair over the rounds. Pure functions."""

from collections.abc import Callable, Iterator
from typing import Literal

from harness.results.model import Cell, Comparison, Trial, View
from harness.statistics import metrics
from harness.statistics.intervals import ROUNDS_FOR_VERDICT, geometric_mean, paired_ratio

Verdict = Literal["faster", "slower", "more", "less", "no difference"]
METRICS: dict[str, tuple[Callable[[Trial], float | None], Verdict, Verdict]] = {
    "throughput_per_s": (metrics.throughput_per_s, "faster", "slower"),
    "latency_p50_ms": (metrics.latency_p50_ms, "slower", "faster"),
    "latency_p99_ms": (metrics.latency_p99_ms, "slower", "faster"),
    "cpu_s_per_1000": (metrics.cpu_s_per_1000, "more", "less"),
    "memory_mb": (metrics.memory_mb, "more", "less"),
}
"""Metric → how to read it from a trial, and what a ratio above and below 1 is called."""
FASTER: Verdict = "faster"
COST = ("cpu_s_per_1000", "memory_mb")
RATES = ("throughput_per_s", "publish_per_s")
RUNG_READ = METRICS | {"publish_per_s": (metrics.publish_per_s, "faster", "slower")}
ALONE = "closed:1"
RUNG_METRICS = {
    ALONE: ("latency_p50_ms",),
    "closed": ("throughput_per_s", *COST),
    "burst": ("throughput_per_s", *COST),
    "drain": ("publish_per_s", "throughput_per_s", *COST),
    "open": ("latency_p50_ms", "latency_p99_ms", *COST),
}
"""Kind of load, and `closed:1` → what a rung under it tells."""
EFFECT_LEAST = {"memory_mb": 0.10}
EFFECT_LEAST_ELSE = 0.05
"""A rung's ratio nearer to 1 is no difference, however narrow its interval: each contender has processes of its own for
the whole run, and two that run the same differ by so much; their memory also by what they ran before."""


def is_better_above(metric: str) -> bool:
    """Whether more of it is better."""
    return METRICS[metric][1] == FASTER


def groups(cells: list[Cell], view: View) -> Iterator[list[Cell]]:
    """The view's cells that share workload, parameters and load, and what else it matches, in the plan's order."""
    members = [cell for cell in cells if view.name in cell.views]
    found: dict[tuple[str, str, str, int | None], list[Cell]] = {}
    for cell in members:
        matched = cell.slots if view.matched == "slots" else None
        found.setdefault((cell.workload, repr(cell.params), repr(cell.load), matched), []).append(cell)
    yield from found.values()


def comparisons(cells: list[Cell], views: list[View]) -> list[Comparison]:
    """Each contender of a matched view against the group's base; each tuned one also against its tuned base."""
    found: list[Comparison] = []
    for view in views:
        if view.rung is not None:
            found += _effects(cells, view)
        if view.matched == "none":
            continue
        for group in groups(cells, view):
            for base in bases_of(group):
                for other in group:
                    if other is not base and (other.tuning or not base.tuning or base is base_of(group)):
                        found += _compare(view, base, other)
    return found


def base_of(group: list[Cell]) -> Cell:
    """The cell that the others of its group are compared with: its first asyncio contender, untuned if there is one."""
    own = [cell for cell in group if cell.side == "asyncio"] or group[:1]
    return next((cell for cell in own if not cell.tuning), own[0])


def bases_of(group: list[Cell]) -> list[Cell]:
    """The base; and its side's first tuned contender, where the other side is tuned too."""
    base = base_of(group)
    tuned = [cell for cell in group if cell.tuning]
    if base.tuning or not any(cell.side != base.side for cell in tuned):
        return [base]
    return [base, *[cell for cell in tuned if cell.side == base.side][:1]]


def rivals_of(group: list[Cell], base: Cell) -> list[Cell]:
    """Contenders of the other side that are tuned as the base is; all of them where there is none such."""
    others = [cell for cell in group if cell.side != base.side]
    return [cell for cell in others if bool(cell.tuning) == bool(base.tuning)] or others


def tuned_alone(group: list[Cell]) -> str | None:
    """The side that has tuned contenders with figures while the other has none; None where that is not so."""
    measured = [cell for cell in group if cell.summary]
    tuned = {cell.side for cell in measured if cell.tuning}
    return tuned.pop() if len(tuned) == 1 and len({cell.side for cell in measured}) > 1 else None


def _compare(view: View, base: Cell, other: Cell) -> Iterator[Comparison]:
    for metric in (*base.load.ranked, *COST):
        read, above, below = METRICS[metric]
        pairs = list(paired(base, other, read))
        if not pairs:
            continue
        ratio, interval = paired_ratio([a for a, _ in pairs], [b for _, b in pairs])
        yield Comparison(
            view=view.name,
            workload=base.workload,
            params=base.params,
            load=base.load,
            base=base.label,
            contender=other.label,
            metric=metric,
            ratio=ratio,
            ci95=interval,
            rounds=len(pairs),
            verdict=verdict(interval, len(pairs), above, below),
        )


def _effects(cells: list[Cell], view: View) -> Iterator[Comparison]:
    """Of a rung: what the change does to each metric that a load shows, by the two cells under that load."""
    assert view.rung is not None
    members = [cell for cell in cells if view.name in cell.views]
    bases = {cell.load.text: cell for cell in members if cell.id in view.rung.base}
    for changed in (cell for cell in members if cell.id not in view.rung.base):
        base = bases[changed.load.text]
        for metric in RUNG_METRICS[ALONE if base.load.text == ALONE else base.load.kind]:
            read, above, below = RUNG_READ[metric]
            pairs = list(paired(base, changed, read))
            if not pairs:
                continue
            ratio, interval = paired_ratio([a for a, _ in pairs], [b for _, b in pairs])
            told = verdict(interval, len(pairs), above, below)
            least = EFFECT_LEAST.get(metric, EFFECT_LEAST_ELSE)
            yield Comparison(
                view=view.name,
                workload=base.workload,
                params=changed.params,
                load=base.load,
                base=base.label,
                contender=changed.label,
                metric=metric,
                ratio=ratio,
                ci95=interval,
                rounds=len(pairs),
                verdict="no difference" if told is not None and abs(ratio - 1) < least else told,
            )


def paired(base: Cell, other: Cell, read: Callable[[Trial], float | None]) -> Iterator[tuple[float, float]]:
    """The metric in the rounds that both measured; of several trials in a round, their mean."""
    mine, others = _by_round(base, read), _by_round(other, read)
    for number, values in mine.items():
        if number in others:
            yield geometric_mean(values), geometric_mean(others[number])


def _by_round(cell: Cell, read: Callable[[Trial], float | None]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for trial in cell.trials:
        if trial.status == "measured" and (value := read(trial)):
            found.setdefault(trial.round, []).append(value)
    return found


def verdict(interval: tuple[float, float] | None, rounds: int, above: Verdict, below: Verdict) -> Verdict | None:
    """What a ratio's interval means; None where there are too few rounds to say."""
    if interval is None or rounds < ROUNDS_FOR_VERDICT:
        return None
    if interval[0] > 1:
        return above
    return below if interval[1] < 1 else "no difference"


def ranking(cell: Cell) -> str | None:
    """The metric by which cells of this load are ranked; None where they are not."""
    return cell.load.ranked[0] if cell.load.ranked else None


def quickest(cells: list[Cell], metric: str) -> Cell | None:
    """The cell with the best mean of that metric; one that has no value is none."""
    centres = [(centre, cell) for cell in cells if (centre := _centre(cell, metric)) is not None]
    if not centres:
        return None
    choose = max if METRICS[metric][1] == FASTER else min
    return choose(centres, key=lambda pair: pair[0])[1]


def _centre(cell: Cell, metric: str) -> float | None:
    values = [METRICS[metric][0](trial) for trial in cell.trials if trial.status == "measured"]
    known = [value for value in values if value]
    return geometric_mean(known) if known and len(known) == len(values) else None


def best(group: list[Cell]) -> tuple[Cell, bool] | None:
    """The cell that its group's load ranks first, and whether that is a verdict (else: indicative).

    Only where the interval of its ratio to every other cell lies wholly on the better side of 1.
    """
    measured = [cell for cell in group if cell.status == "measured" and cell.summary]
    metric = ranking(group[0])
    if len(measured) < 2 or len(measured) < len(group) or metric is None:
        return None
    first = quickest(measured, metric)
    if first is None:
        return None
    read, above, _ = METRICS[metric]
    rounds = []
    for other in measured:
        if other is first:
            continue
        pairs = list(paired(other, first, read))
        interval = paired_ratio([a for a, _ in pairs], [b for _, b in pairs])[1] if pairs else None
        if interval is None or not (interval[0] > 1 if above == FASTER else interval[1] < 1):
            return None
        rounds.append(len(pairs))
    return first, min(rounds) >= ROUNDS_FOR_VERDICT
