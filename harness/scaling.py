"""How a figure depends on slots, on the load or on a workload's parameter: lines over it, and where they cross.

Whatever number a plan gives several values of is found here; nothing is named. Pure functions.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from harness.model import Cell, Side

NUMBERS = (int, float)
SLOTS, LOAD, PARAM = "slots", "load", "param"
Coordinate = tuple[str, str]
"""Where a number stands (slots, load or a workload's parameter), and its key there."""


class Line(NamedTuple):
    """One contender: its cells by the number that varies, in its order."""

    contender: str
    side: Side
    cells: dict[float, Cell]


class Scaling(NamedTuple):
    """Contenders over one number, all else equal."""

    name: str
    unit: str
    fixed: str
    """What is equal in all of it."""
    lines: list[Line]

    @property
    def values(self) -> list[float]:
        """Of the number that varies, in order."""
        return sorted({value for line in self.lines for value in line.cells})


class Crossing(NamedTuple):
    """Two lines that change places between two values; `at` and `y` lie where straight lines on log scales meet."""

    first: str
    """The one that is higher before."""
    second: str
    low: float
    high: float
    at: float
    y: float


def scalings(cells: list[Cell]) -> Iterator[Scaling]:
    """Each number of which some contender has several values, all else equal."""
    for varying in dict.fromkeys(coordinate for cell in cells for coordinate in _numbers(cell)):
        found: dict[str, dict[str, Line]] = {}
        for cell in cells:
            numbers = _numbers(cell)
            if varying in numbers:
                lines = found.setdefault(_fixed(cell, varying), {})
                line = lines.setdefault(cell.name, Line(cell.name, cell.side, {}))
                line.cells.setdefault(numbers[varying], cell)
        for fixed, lines in found.items():
            several = [
                line._replace(cells=dict(sorted(line.cells.items()))) for line in lines.values() if len(line.cells) > 1
            ]
            if several:
                yield Scaling(*_named(varying), fixed, several)


def _numbers(cell: Cell) -> dict[Coordinate, float]:
    numbers: dict[Coordinate, float] = {} if cell.slots is None else {(SLOTS, SLOTS): cell.slots}
    for place, values in ((LOAD, cell.load), (PARAM, cell.params)):
        for key, value in values.items():
            if isinstance(value, NUMBERS) and not isinstance(value, bool):
                numbers[(place, key)] = value
    return numbers


def _fixed(cell: Cell, varying: Coordinate) -> str:
    """What stays the same, as it is read: the workload with its other parameters, the load, the slots."""
    params = [f"{key}={value}" for key, value in cell.params.items() if (PARAM, key) != varying]
    parts = [f"{cell.workload} ({', '.join(params)})" if params else cell.workload]
    if varying[0] == LOAD:
        others = [f"{key} {value}" for key, value in cell.load.items() if key not in (varying[1], "text", "ranked")]
        parts.append(", ".join(part.removeprefix("kind ") for part in others))
    else:
        parts.append(str(cell.load["text"]))
    if varying[0] != SLOTS:
        parts.append("slots unbounded" if cell.slots is None else f"{cell.slots} slots")
    return ", ".join(parts)


def _named(varying: Coordinate) -> tuple[str, str]:
    """A key and the unit that its end tells."""
    key = varying[1]
    for ending, unit in (("_per_s", "/s"), ("_ms", "ms"), ("seconds", "s")):
        if key.endswith(ending):
            return key.removesuffix(ending).replace("_", " ").strip() or "time", unit
    return key.replace("_", " "), ""


def crossings(points: dict[str, dict[float, float]], sides: dict[str, Side]) -> Iterator[Crossing]:
    """Where contenders of two sides change places; `points`: contender → number → figure, both above 0."""
    names = list(points)
    for index, a in enumerate(names):
        for b in names[index + 1 :]:
            if sides[a] != sides[b]:
                yield from _crossings(a, b, points[a], points[b])


def _crossings(a: str, b: str, ya: dict[float, float], yb: dict[float, float]) -> Iterator[Crossing]:
    shared = sorted(x for x in ya.keys() & yb.keys() if x > 0 and ya[x] > 0 and yb[x] > 0)
    for low, high in pairwise(shared):
        before, after = math.log(ya[low] / yb[low]), math.log(ya[high] / yb[high])
        if before * after >= 0:
            continue
        part = before / (before - after)
        yield Crossing(
            first=a if before > 0 else b,
            second=b if before > 0 else a,
            low=low,
            high=high,
            at=low * (high / low) ** part,
            y=ya[low] * (ya[high] / ya[low]) ** part,
        )
