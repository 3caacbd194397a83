"""A flame graph as boxes: a box a function, as wide as its share of the CPU, on the one that called it."""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.statistics.units import percent

WIDTH, ROW = 1000.0, 18
LEAST = 1.0
"""Width of the narrowest box that is drawn."""
CHARACTER = 6.4
"""About the width of one."""
KNOWN = {
    "kombu": "#ffd479",
    "celery": "#c5e0b4",
    "billiard": "#9fd3d0",
    "redis": "#f4b183",
    "json": "#efb7cf",
    "aiohttp": "#d0bdec",
    "asyncio": "#a9c7f0",
    "Python": "#d9d2c5",
    "the job": "#f2e3a0",
    "the harness": "#e3e6ea",
}
OTHERS = ("#e8c3a0", "#b8dbe8", "#cfe8c3", "#dcc9e8")
"""By name. A package has one colour in every graph; a dark text has a contrast of 7 and more on each."""


class Box(NamedTuple):
    """One function under its callers."""

    x: float
    y: int
    width: float
    colour: str
    text: str
    """As much of its name as fits."""
    title: str
    """The whole, with its share."""


class Flame(NamedTuple):
    """The graph: the outermost functions at the bottom."""

    height: int
    boxes: list[Box]


class _Node:
    def __init__(self) -> None:
        self.share = 0.0
        self.below: dict[str, _Node] = {}


def flame(stacks: Sequence[tuple[str, float]]) -> Flame:
    """Of folded stacks with their shares, from 0 to 1."""
    root = _Node()
    for text, share in stacks:
        node = root
        for frame in text.split(";"):
            node = node.below.setdefault(frame, _Node())
            node.share += share
    placed = list(_placed(root, 0.0, 0))
    height = ROW * (1 + max((level for _, level, _, _ in placed), default=-1))
    return Flame(height, [_box(x, height - ROW * (level + 1), name, node) for x, level, name, node in placed])


def _placed(node: _Node, x: float, level: int) -> Iterator[tuple[float, int, str, _Node]]:
    for name, child in sorted(node.below.items()):
        width = WIDTH * child.share
        if width >= LEAST:
            yield x, level, name, child
            yield from _placed(child, x, level + 1)
        x += width


def _box(x: float, y: int, name: str, node: _Node) -> Box:
    width = round(WIDTH * node.share, 2)
    fits = int((width - 4) / CHARACTER)
    package, _, function = name.partition(": ")
    shown = function or package
    text = shown if len(shown) <= fits else f"{shown[: fits - 1]}…" if fits > 3 else ""
    colour = KNOWN.get(package) or OTHERS[zlib.crc32(package.encode()) % len(OTHERS)]
    return Box(round(x, 2), y, width, colour, text, f"{name}, {percent(node.share, 1)}")
