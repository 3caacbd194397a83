"""Compares contenders within a view, pair by pair over the rounds. Pure functions."""

from collections.abc import Callable, Iterator
from typing import Literal

from harness import metrics
from harness.model import Cell, Comparison, Trial, View
from harness.stats import ROUNDS_FOR_VERDICT, paired_ratio

Verdict = Literal["faster", "slower", "more", "less", "no difference"]
METRICS: dict[str, tuple[Callable[[Trial], float | None], Verdict, Verdict]] = {
    "throughput_per_s": (metrics.throughput_per_s, "faster", "slower"),
    "latency_p50_ms": (metrics.latency_p50_ms, "slower", "faster"),
    "latency_p99_ms": (metrics.latency_p99_ms, "slower", "faster"),
    "cpu_s_per_1000": (metrics.cpu_s_per_1000, "more", "less"),
    "memory_mb": (metrics.memory_mb, "more", "less"),
}
"""Metric → how to read it from a trial, and what a ratio above and below 1 is called."""
THROUGHPUT = "throughput_per_s"
COST = ("cpu_s_per_1000", "memory_mb")


def groups(cells: list[Cell], view: View) -> Iterator[list[Cell]]:
    """The view's cells that share workload, parameters and load, and what else it matches, in the plan's order."""
    members = [cell for cell in cells if view.name in cell.views]
    found: dict[tuple[str, str, str, int | None], list[Cell]] = {}
    for cell in members:
        matched = cell.slots if view.matched == "slots" else None
        found.setdefault((cell.workload, repr(cell.params), repr(cell.load), matched), []).append(cell)
    yield from found.values()


def comparisons(cells: list[Cell], views: list[View]) -> list[Comparison]:
    """Each contender of a matched view against the group's base: its first asyncio contender, else its first."""
    found: list[Comparison] = []
    for view in views:
        if view.matched == "none":
            continue
        for group in groups(cells, view):
            base = base_of(group)
            for other in group:
                if other is not base:
                    found += _compare(view, base, other)
    return found


def base_of(group: list[Cell]) -> Cell:
    """The cell that the others of its group are compared with."""
    return next((cell for cell in group if cell.side == "asyncio"), group[0])


def _compare(view: View, base: Cell, other: Cell) -> Iterator[Comparison]:
    for metric in (*base.load["ranked"], *COST):
        read, above, below = METRICS[metric]
        pairs = list(_pairs(base, other, read))
        if not pairs:
            continue
        ratio, interval = paired_ratio([a for a, _ in pairs], [b for _, b in pairs])
        yield Comparison(
            view=view.name,
            workload=base.workload,
            params=base.params,
            load=base.load,
            base=label(base),
            contender=label(other),
            metric=metric,
            ratio=ratio,
            ci95=interval,
            rounds=len(pairs),
            verdict=_verdict(interval, len(pairs), above, below),
        )


def _pairs(base: Cell, other: Cell, read: Callable[[Trial], float | None]) -> Iterator[tuple[float, float]]:
    """The metric in the rounds that both measured."""
    others = {trial.round: trial for trial in other.trials if trial.status == "measured"}
    for trial in base.trials:
        if trial.status == "measured" and trial.round in others:
            a, b = read(trial), read(others[trial.round])
            if a and b:
                yield a, b


def _verdict(interval: tuple[float, float] | None, rounds: int, above: Verdict, below: Verdict) -> Verdict | None:
    if interval is None or rounds < ROUNDS_FOR_VERDICT:
        return None
    if interval[0] > 1:
        return above
    return below if interval[1] < 1 else "no difference"


def label(cell: Cell) -> str:
    """A contender with its slots, as it is written on the command line."""
    return cell.contender if cell.slots is None else f"{cell.contender}:{cell.slots}"


def best(group: list[Cell]) -> tuple[Cell, bool] | None:
    """The cell that its group's load may rank first, and whether that is a verdict (else: indicative).

    Only where the load may be ranked by throughput, and the interval of its ratio to every other cell lies above 1.
    """
    measured = [cell for cell in group if cell.status == "measured" and cell.summary]
    if len(measured) < 2 or len(measured) < len(group) or THROUGHPUT not in group[0].load["ranked"]:
        return None
    first = max(measured, key=lambda cell: cell.summary.throughput_per_s if cell.summary else 0.0)
    rounds = []
    for other in measured:
        if other is first:
            continue
        pairs = list(_pairs(other, first, METRICS[THROUGHPUT][0]))
        interval = paired_ratio([a for a, _ in pairs], [b for _, b in pairs])[1] if pairs else None
        if interval is None or interval[0] <= 1:
            return None
        rounds.append(len(pairs))
    return first, min(rounds) >= ROUNDS_FOR_VERDICT
