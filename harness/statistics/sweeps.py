"""How a figure depends on slots, on the load or on a workload's parameter: lines over it, and where they cross.

Any number of which a plan gives several values is found here; no list of them has to be kept. Pure functions.
"""

import math
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import NamedTuple

from harness.registry import defaults, title_of
from harness.results.model import RANKED, Cell, Crossover, Curve, NoCrossover, Point, RatioAt, Scaling, View
from harness.results.text import as_given
from harness.statistics.comparable import unranked
from harness.statistics.comparisons import ratio_of
from harness.statistics.crossover import Contrast, Crossing, comparable, crossings, first_is_ahead
from harness.statistics.metrics import SPEEDS, Metric, ranked_by
from harness.statistics.units import named_with_unit

NUMBERS = (int, float)
SLOTS, LOAD, PARAM, DRIVERS = "slots", "load", "param", "drivers"
SWEEP_LEAST = 4
"""So many values of a number make a view a sweep: it is reported by its lines, and its points are detail."""
Coordinate = tuple[str, str]
"""Where a number stands (slots, load or a workload's parameter), and its key there."""
Line = dict[float, Cell]
"""A contender's cells by the number that varies, in order."""


class Lines(NamedTuple):
    """The lines of several contenders over one number, all else equal."""

    over: str
    unit: str
    fixed: str
    lines: dict[str, Line]

    @property
    def values(self) -> list[float]:
        """Of the number that varies, in order."""
        return sorted({value for line in self.lines.values() for value in line})


def scalings(cells: list[Cell], views: list[View]) -> list[Scaling]:
    """Each figure over each number of which some contender of a view has several values, all else equal."""
    made = []
    for view in views:
        if view.rung is not None:
            continue
        for lines in lines_of([cell for cell in cells if view.name in cell.views and not cell.profiled]):
            made += [_scaling(view, lines, metric) for metric in SPEEDS]
    return [scaling for scaling in made if scaling.curves]


def is_sweep(cells: list[Cell], view: View) -> bool:
    """Whether a view has so many values of some number that lines show more than points."""
    members = [cell for cell in cells if view.name in cell.views and not cell.profiled]
    return any(len(lines.values) >= SWEEP_LEAST for lines in lines_of(members))


def lines_of(cells: list[Cell]) -> Iterator[Lines]:
    """All lines of these cells, by the number that varies and by what is equal."""
    for varying in dict.fromkeys(coordinate for cell in cells for coordinate in _numbers(cell)):
        for fixed, lines in _by_fixed(cells, varying).items():
            several = {name: dict(sorted(line.items())) for name, line in lines.items() if len(line) > 1}
            if several:
                name, unit = named_with_unit(varying[1])
                yield Lines(_title(varying, several) or name, unit, fixed, several)


def _title(varying: Coordinate, lines: dict[str, Line]) -> str:
    """Of a parameter whose key alone does not say what it is of; all lines are of one workload."""
    place, key = varying
    cell = next(iter(next(iter(lines.values())).values()))
    return title_of(cell.workload, key) if place == PARAM else ""


def _by_fixed(cells: list[Cell], varying: Coordinate) -> dict[str, dict[str, Line]]:
    """What is equal → contender → its cells by the number; of several cells with one value, the first."""
    by_fixed: dict[str, dict[str, Line]] = {}
    for cell in cells:
        numbers = _numbers(cell)
        if varying not in numbers:
            continue
        for fixed in _fixed(cell, varying):
            line = by_fixed.setdefault(fixed, {}).setdefault(cell.name, {})
            line.setdefault(numbers[varying], cell)
    return by_fixed


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
    """What stays the same, as it is read: the workload with its other unusual parameters, the load, the slots.

    Over slots, that may be the clients, or else the clients per slot.
    """
    usual = defaults(cell.workload)
    params = [
        f"{key}={as_given(value)}"
        for key, value in cell.params.items()
        if (PARAM, key) != varying and (key not in usual or usual[key] != value)
    ]
    parts = [f"{cell.workload} ({', '.join(params)})" if params else cell.workload]
    if varying[0] != DRIVERS and cell.drivers > 1:
        parts.append(f"{cell.drivers} drivers")
    if varying[0] != SLOTS:
        slots = "slots unbounded" if cell.slots is None else f"{cell.slots} slot{'' if cell.slots == 1 else 's'}"
        yield ", ".join([*parts, *_load_without(cell, varying), slots])
        return
    yield ", ".join([*parts, cell.load.text])
    clients = cell.load.clients
    if clients is not None and cell.slots and clients % cell.slots == 0:
        yield ", ".join([*parts, f"{cell.load.kind}, {clients // cell.slots} clients per slot"])


def _load_without(cell: Cell, varying: Coordinate) -> list[str]:
    if varying[0] != LOAD:
        return [cell.load.text]
    return [
        cell.load.kind,
        *(f"{key} {as_given(value)}" for key, value in cell.load.settings.items() if key != varying[1]),
    ]


def _scaling(view: View, lines: Lines, metric: Metric) -> Scaling:
    """A metric along these lines; without curves where no cell has it."""
    curves = [curve for name, line in lines.lines.items() if (curve := _curve(name, line, metric)).points]
    crossovers: list[Crossover] = []
    without: list[NoCrossover] = []
    for first, second in combinations(curves, 2) if view.matched in RANKED else ():
        if first.side == second.side:
            continue
        contrasts = _contrasts(lines.lines[first.contender], lines.lines[second.contender], metric)
        between = [_crossover(first, second, crossing, contrasts) for crossing in crossings(contrasts)]
        crossovers += between
        if not between and len(contrasts) > 1:
            without.append(_no_crossover(first, second, contrasts))
    return Scaling(
        view=view.name,
        over=lines.over,
        unit=lines.unit,
        fixed=lines.fixed,
        metric=metric.key,
        curves=curves,
        crossovers=crossovers,
        without=without,
    )


def _curve(contender: str, line: Line, metric: Metric) -> Curve:
    points = [Point(x=x, y=y) for x, cell in line.items() if (y := metric.of_cell(cell)) is not None]
    return Curve(contender=contender, side=next(iter(line.values())).side, points=points)


def _contrasts(first: Line, second: Line, metric: Metric) -> list[Contrast]:
    """First ÷ second at each number above 0 that both have, over the rounds; none where they are not ranked by it."""
    contrasts = []
    for x in first.keys() & second.keys():
        if x <= 0 or metric not in ranked_by(first[x]) or unranked(first[x], second[x], metric):
            continue
        ratio = ratio_of(second[x], first[x], metric)
        if ratio is not None:
            contrasts.append(Contrast(x, ratio.value, ratio.interval(), ratio.rounds, ratio.boots))
    return comparable(contrasts)


def _crossover(first: Curve, second: Curve, crossing: Crossing, contrasts: list[Contrast]) -> Crossover:
    before, after = (first, second) if crossing.falls else (second, first)
    return Crossover(
        first=before.contender,
        second=after.contender,
        at=crossing.at,
        y=_interpolated(first.points, crossing.at),
        ci95=crossing.ci95,
        rounds=min(contrast.rounds for contrast in contrasts),
        boots=min(contrast.boots for contrast in contrasts),
    )


def _no_crossover(first: Curve, second: Curve, contrasts: list[Contrast]) -> NoCrossover:
    ahead = first_is_ahead(contrasts)
    higher, lower = (first, second) if ahead else (second, first)
    return NoCrossover(
        higher=higher.contender,
        lower=lower.contender,
        values=[contrast.x for contrast in contrasts],
        unclear=[contrast.x for contrast in contrasts if contrast.undecided],
        ratios=[_ratio_at(contrast if ahead else contrast.inverse) for contrast in contrasts],
        rounds=min(contrast.rounds for contrast in contrasts),
        boots=min(contrast.boots for contrast in contrasts),
    )


def _ratio_at(contrast: Contrast) -> RatioAt:
    return RatioAt(x=contrast.x, ratio=contrast.ratio, ci95=contrast.ci95)


def _interpolated(points: list[Point], at: float) -> float:
    """The line's value there: straight on log scales."""
    for a, b in pairwise(points):
        if 0 < a.x <= at <= b.x:
            part = math.log(at / a.x) / math.log(b.x / a.x)
            return a.y * math.exp(part * math.log(b.y / a.y))
    return points[-1].y
