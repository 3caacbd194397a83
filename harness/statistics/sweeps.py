"""How a figure depends on slots, on the load or on a workload's parameter: lines over it, and where they cross.

Whatever number a plan gives several values of is found here; nothing is named. Pure functions.
"""

import math
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from typing import NamedTuple

from harness.results.model import Cell, Crossover, Curve, NoCrossover, Point, Scaling, Summary, View
from harness.statistics.comparisons import METRICS, paired
from harness.statistics.crossover import Contrast, Crossing, comparable, crossings, first_is_ahead, unclear
from harness.statistics.intervals import paired_ratio
from harness.statistics.metrics import sustained

NUMBERS = (int, float)
SLOTS, LOAD, PARAM, DRIVERS = "slots", "load", "param", "drivers"
SWEEP_LEAST = 4
"""So many values of a number make a view a sweep: it is told by its lines, and its points are detail."""
Coordinate = tuple[str, str]
"""Where a number stands (slots, load or a workload's parameter), and its key there."""
THROUGHPUT = "throughput_per_s"
FIGURES: dict[str, Callable[[Summary], float | None]] = {
    THROUGHPUT: lambda summary: summary.throughput_per_s,
    "latency_p50_ms": lambda summary: summary.latency_ms.p50,
    "latency_p99_ms": lambda summary: summary.latency_ms.p99,
}
"""Metric → how a cell's figure is read."""


class Lines(NamedTuple):
    """Contenders over one number, all else equal: contender → number → cell, both in order."""

    over: str
    unit: str
    fixed: str
    cells: dict[str, dict[float, Cell]]

    @property
    def values(self) -> list[float]:
        """Of the number that varies, in order."""
        return sorted({value for line in self.cells.values() for value in line})


def scalings(cells: list[Cell], views: list[View]) -> list[Scaling]:
    """Each figure over each number of which some contender of a view has several values, all else equal."""
    return [
        made
        for view in views
        if view.rung is None
        for lines in lines_of([cell for cell in cells if view.name in cell.views])
        for metric in FIGURES
        if (made := _scaling(view, lines, metric)) is not None
    ]


def is_sweep(cells: list[Cell], view: View) -> bool:
    """Whether a view has so many values of some number that lines tell more than points."""
    mine = [cell for cell in cells if view.name in cell.views]
    return any(len(lines.values) >= SWEEP_LEAST for lines in lines_of(mine))


def lines_of(cells: list[Cell]) -> Iterator[Lines]:
    """All of them, by the number that varies and by what is equal."""
    for varying in dict.fromkeys(coordinate for cell in cells for coordinate in _numbers(cell)):
        found: dict[str, dict[str, dict[float, Cell]]] = {}
        for cell in cells:
            numbers = _numbers(cell)
            if varying in numbers:
                for fixed in _fixed(cell, varying):
                    found.setdefault(fixed, {}).setdefault(cell.name, {}).setdefault(numbers[varying], cell)
        for fixed, lines in found.items():
            several = {name: dict(sorted(line.items())) for name, line in lines.items() if len(line) > 1}
            if several:
                yield Lines(*_named(varying), fixed, several)


def _numbers(cell: Cell) -> dict[Coordinate, float]:
    numbers: dict[Coordinate, float] = {(DRIVERS, DRIVERS): cell.drivers}
    if cell.slots is not None:
        numbers[(SLOTS, SLOTS)] = cell.slots
    for place, values in ((LOAD, cell.load.settings), (PARAM, cell.params)):
        for key, value in values.items():
            if isinstance(value, NUMBERS) and not isinstance(value, bool):
                numbers[(place, key)] = value
    return numbers


def _fixed(cell: Cell, varying: Coordinate) -> Iterator[str]:
    """What stays the same, as it is read: the workload with its other parameters, the load, the slots.

    Over slots, that may be the clients, or else the clients a slot.
    """
    params = [f"{key}={value}" for key, value in cell.params.items() if (PARAM, key) != varying]
    parts = [f"{cell.workload} ({', '.join(params)})" if params else cell.workload]
    if varying[0] != DRIVERS and cell.drivers > 1:
        parts.append(f"{cell.drivers} drivers")
    if varying[0] != SLOTS:
        slots = "slots unbounded" if cell.slots is None else f"{cell.slots} slots"
        yield ", ".join([*parts, *_load_without(cell, varying), slots])
        return
    yield ", ".join([*parts, cell.load.text])
    clients = cell.load.clients
    if clients is not None and cell.slots and clients % cell.slots == 0:
        yield ", ".join([*parts, f"{cell.load.kind}, {clients // cell.slots} clients a slot"])


def _load_without(cell: Cell, varying: Coordinate) -> list[str]:
    if varying[0] != LOAD:
        return [cell.load.text]
    return [cell.load.kind, *(f"{key} {value}" for key, value in cell.load.settings.items() if key != varying[1])]


def _named(varying: Coordinate) -> tuple[str, str]:
    """A key and the unit that its end tells."""
    key = varying[1]
    for ending, unit in (("_per_s", "/s"), ("_ms", "ms"), ("seconds", "s"), ("_bytes", "bytes"), ("_percent", "%")):
        if key.endswith(ending):
            return key.removesuffix(ending).replace("_", " ").strip() or "time", unit
    return key.replace("_", " "), ""


def _scaling(view: View, lines: Lines, metric: str) -> Scaling | None:
    known = {
        name: {x: y for x, cell in line.items() if (y := _figure(cell, metric)) is not None}
        for name, line in lines.cells.items()
    }
    curves = [
        Curve(
            contender=name,
            side=next(iter(lines.cells[name].values())).side,
            points=[Point(x=x, y=y) for x, y in points.items()],
        )
        for name, points in known.items()
        if points
    ]
    if not curves:
        return None
    crossovers: list[Crossover] = []
    without: list[NoCrossover] = []
    for first, second in combinations(curves, 2) if view.matched != "none" else ():
        if first.side == second.side:
            continue
        contrasts = _contrasts(lines.cells[first.contender], lines.cells[second.contender], metric)
        found = [_crossover(first, second, one, contrasts) for one in crossings(contrasts)]
        crossovers += found
        if not found and len(contrasts) > 1:
            without.append(_none(first, second, contrasts))
    return Scaling(
        view=view.name,
        over=lines.over,
        unit=lines.unit,
        fixed=lines.fixed,
        metric=metric,
        curves=curves,
        crossovers=crossovers,
        without=without,
    )


def _figure(cell: Cell, metric: str) -> float | None:
    """None where there is none: the latency of a rate that was not sustained tells only how long was measured."""
    if cell.summary is None or (metric != THROUGHPUT and not all(map(sustained, cell.trials))):
        return None
    return FIGURES[metric](cell.summary)


def _contrasts(first: dict[float, Cell], second: dict[float, Cell], metric: str) -> list[Contrast]:
    """First ÷ second at each number above 0 that both have, over the rounds; none where the load does not rank it."""
    read = METRICS[metric][0]
    found = []
    for x in first.keys() & second.keys():
        if x <= 0 or metric not in first[x].load.ranked:
            continue
        values = list(paired(second[x], first[x], read))
        if values:
            ratio, interval = paired_ratio([base for base, _ in values], [other for _, other in values])
            found.append(Contrast(x, ratio, interval, len(values)))
    return comparable(found)


def _crossover(first: Curve, second: Curve, found: Crossing, contrasts: list[Contrast]) -> Crossover:
    before, after = (first, second) if found.falls else (second, first)
    return Crossover(
        first=before.contender,
        second=after.contender,
        at=found.at,
        y=_interpolated(first.points, found.at),
        ci95=found.ci95,
        rounds=min(one.rounds for one in contrasts),
    )


def _none(first: Curve, second: Curve, contrasts: list[Contrast]) -> NoCrossover:
    higher, lower = (first, second) if first_is_ahead(contrasts) else (second, first)
    return NoCrossover(
        higher=higher.contender,
        lower=lower.contender,
        values=[one.x for one in contrasts],
        unclear=unclear(contrasts),
        rounds=min(one.rounds for one in contrasts),
    )


def _interpolated(points: list[Point], at: float) -> float:
    """The line's value there: straight on log scales."""
    for a, b in pairwise(points):
        if 0 < a.x <= at <= b.x:
            part = math.log(at / a.x) / math.log(b.x / a.x)
            return a.y * math.exp(part * math.log(b.y / a.y))
    return points[-1].y
