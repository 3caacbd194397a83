"""What a chart is: a Vega-Lite specification, drawn alike by the page and into files.

Vega-Lite 6, https://vega.github.io/vega-lite/docs/. Each specification is a single view (perhaps of layers) without
size, title or theme: whoever draws it adds those.
"""

import math
import re
import zlib
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from harness.results.model import Cell, Side

Spec = dict[str, Any]
Datum = dict[str, Any]
"""One row of what is drawn."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LOGARITHMIC_FROM = 20
"""From this ratio of the largest to the smallest value, a scale is logarithmic, so that small values stay visible."""
ROW_PX = 26
DECADES_MOST = 2

FAMILIES: dict[Side, tuple[str, ...]] = {
    "asyncio": ("#0072B2", "#2E86C8", "#6C63C7", "#0E8A8A", "#4B6BD6"),
    "celery": ("#D55E00", "#A8701A", "#C23B4B", "#8F6A3C", "#C7507A", "#B5651D"),
    "reference": ("#3F8F5F", "#7C8A2E"),
    "fake": ("#767676",),
}
"""A blue family, an orange one, a green one: each colour has a contrast of 3 and more on a light and on a dark page."""
FIRST = {
    "asyncio": 0,
    "asyncio-uvloop": 1,
    "celery-prefork": 0,
    "celery-threads": 1,
    "celery-gevent": 2,
    "celery-solo": 3,
    "celery-asyncio": 4,
}
"""Contender → its place in its family, the same in every chart of every run; others have a place by their name."""
GREY = "#808080"
LOG_LABEL = "datum.value < 1 ? format(datum.value, '~r') : format(datum.value, '~s')"
"""1k, 10k; but 0.01 rather than 10m."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")


class Chart(NamedTuple):
    """A chart with what it shows."""

    key: str
    title: str
    about: str
    spec: Spec
    height: int
    open: bool = False
    """Whether it is shown at once: what the section is about; others are folded."""


def names(cells: list[Cell]) -> dict[str, str]:
    """Cell id → its name among these: the contender with its slots, and the load where they differ in it."""
    several = len({cell.load.text for cell in cells}) > 1
    return {cell.id: f"{cell.label}, {cell.load.text}" if several else cell.label for cell in cells}


def by_load(cells: list[Cell]) -> Iterator[tuple[str, str, list[Cell]]]:
    """Cells under the same load together, with what to add to a chart's key and to its description.

    For what cannot be told apart where loads are mixed: a drain's latencies are a thousand times a closed load's.
    """
    of_load: dict[str, list[Cell]] = {}
    for cell in cells:
        of_load.setdefault(cell.load.text, []).append(cell)
    for text, members in of_load.items():
        several = len(of_load) > 1
        yield f"-{text.replace(':', '-').replace('/', '-')}" if several else "", f"{text}; " if several else "", members


def identity(name: str) -> str:
    """The contender of a name in a chart, without slots, broker and load."""
    return re.split(r"[:,@ ]", name)[0]


def colour_of(name: str, side: Side) -> str:
    """A contender's colour: always the same."""
    contender, family = identity(name), FAMILIES[side]
    return family[FIRST.get(contender, zlib.crc32(contender.encode())) % len(family)]


def colours(sides: dict[str, Side]) -> Spec:
    """A colour scale for these names: one colour a contender, one family a side."""
    return {"domain": list(sides), "range": [colour_of(name, side) for name, side in sides.items()]}


def shapes(domain: list[str]) -> Spec:
    """A scale of point shapes, so that lines are told apart without colours too."""
    return {"domain": domain, "range": [SHAPES[index % len(SHAPES)] for index in range(len(domain))]}


def scale(values: list[float]) -> Spec:
    """From 0, or logarithmic where the values differ very much."""
    positive = [value for value in values if value > 0]
    if positive and len(positive) == len(values) and max(positive) > LOGARITHMIC_FROM * min(positive):
        return {"type": "log", "nice": False, "padding": 12}
    return {"type": "linear", "zero": True}


def ticks(values: list[float]) -> list[float]:
    """1, 2, 5, 10 … within these values and one beyond each end; only powers of ten where they span many."""
    positive = [value for value in values if value > 0]
    if not positive:
        return []
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    steps = (1, 2, 5) if high - low <= DECADES_MOST else (1,)
    every = [step * 10.0**power for power in range(low, high + 1) for step in steps]
    return [tick for tick in every if min(positive) / 2 <= tick <= max(positive) * 2]


def axis(title: str, kind: Literal["linear", "log"] = "linear", values: list[float] | None = None) -> Spec:
    """An axis of numbers as people write them; 1, 2, 5 or powers of ten where it is logarithmic."""
    if kind == "log":
        marks = {"values": ticks(values)} if values else {"tickCount": 5}
        return {"title": title, "labelExpr": LOG_LABEL, "labelFlush": True, "labelOverlap": True, **marks}
    return {"title": title, "format": ",~r", "tickCount": 5, "labelFlush": True}


def by_name() -> Spec:
    """The axis of a bar or a point for each name, in the order of the rows."""
    return {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240}}


def quantity(field: str, title: str, used: Spec, values: list[float] | None = None) -> Spec:
    """A channel of numbers on that scale; `values`: what it shows, for its ticks."""
    return {"field": field, "type": "quantitative", "scale": used, "axis": axis(title, used["type"], values)}


def category(field: str, used: Spec, **more: Any) -> Spec:
    """A channel of names on that scale of colours or shapes."""
    return {"field": field, "type": "nominal", "scale": used, "title": None, **more}


def shown(field: str, title: str | None = None, form: str | None = None) -> Spec:
    """A line of a tooltip."""
    line = {"field": field, "title": title, "format": form}
    return {key: value for key, value in line.items() if value is not None}


def layered(values: list[Datum], layers: list[Spec], **more: Any) -> Spec:
    """Layers over the same rows."""
    return {"$schema": SCHEMA, "data": {"values": values}, "layer": layers, **more}


def theme(*, dark: bool) -> Spec:
    """Vega's configuration: text and lines that are legible on that background."""
    text, line, grid = ("#e6e6e6", "#8a8a8a", "#3a3f44") if dark else ("#222222", "#808080", "#e2e2e2")
    return {
        "font": "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
        "background": "transparent",
        "view": {"stroke": None},
        "text": {"color": text},
        "title": {"color": text, "subtitleColor": text, "fontSize": 14, "subtitleFontSize": 11, "subtitlePadding": 4},
        "axis": {
            "labelColor": text,
            "titleColor": text,
            "gridColor": grid,
            "domainColor": line,
            "tickColor": line,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
        },
        "legend": {
            "labelColor": text,
            "titleColor": text,
            "labelFontSize": 11,
            "orient": "bottom",
            "columns": 3,
            "labelLimit": 320,
        },
    }
