"""Figures over whatever number a plan varies, with the crossover of the two sides and its interval marked."""

from collections.abc import Iterable, Iterator

from harness.report.chart import (
    GREY,
    Chart,
    Datum,
    Spec,
    axis,
    category,
    colours,
    layered,
    quantity,
    scale,
    shapes,
    shown,
)
from harness.results.model import Scaling
from harness.statistics.metrics import BY_KEY

HEIGHT = 260


def charts(scalings: Iterable[Scaling]) -> Iterator[Chart]:
    """One line per contender; a chart per figure."""
    for scaling in scalings:
        metric = BY_KEY[scaling.metric]
        yield Chart(
            key=f"over-{metric.key}",
            title=f"{metric.title} by {scaling.over}",
            about="grey crosses mark where the two sides change places, grey lines its 95 % interval"
            if scaling.crossovers
            else "",
            spec=_spec(scaling, metric.axis),
            height=HEIGHT,
            open=True,
        )


def _spec(scaling: Scaling, y_title: str) -> Spec:
    rows: list[Datum] = [
        {"contender": curve.contender, "x": point.x, "y": point.y} for curve in scaling.curves for point in curve.points
    ]
    values = sorted({row["x"] for row in rows})
    x_title = f"{scaling.over}, {scaling.unit}" if scaling.unit else scaling.over
    x = {"field": "x", "type": "quantitative", "scale": _scale(values), "axis": axis(x_title) | {"values": values}}
    heights = [row["y"] for row in rows]
    y = quantity("y", y_title, scale(heights), heights)
    sides = {curve.contender: curve.side for curve in scaling.curves}
    tooltip = [shown("x", x_title, ",~r"), shown("y", y_title, ",.4~r")]
    line = {
        "x": x,
        "y": y,
        "color": category("contender", colours(sides)),
        "tooltip": [shown("contender"), *tooltip],
    }
    point = line | {"shape": category("contender", shapes(list(sides)))}
    layers: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": line},
        {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": point},
    ]
    return layered(rows, [*layers, *_crossovers(scaling, x, y, tooltip)])


def _crossovers(scaling: Scaling, x: Spec, y: Spec, tooltip: list[Spec]) -> Iterator[Spec]:
    if not scaling.crossovers:
        return
    rows = []
    for crossing in scaling.crossovers:
        low, high = crossing.ci95 or (crossing.at, crossing.at)
        text = f"{crossing.first} ↔ {crossing.second}"
        rows.append({"x": crossing.at, "y": crossing.y, "text": text, "low": low, "high": high})
    data = {"values": rows}
    rule = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}
    yield {"data": data, "mark": {"type": "rule", "strokeWidth": 2, "color": GREY}, "encoding": rule}
    yield {
        "data": data,
        "mark": {"type": "point", "shape": "cross", "size": 160, "strokeWidth": 2, "color": GREY},
        "encoding": {"x": x, "y": y, "tooltip": [shown("text", "crossover"), *tooltip]},
    }


def _scale(values: list[float]) -> Spec:
    """Slots and rates go up by factors: equal factors, equal steps."""
    if min(values) > 0 and max(values) >= 4 * min(values):
        return {"type": "log", "nice": False, "padding": 16}
    return {"type": "linear", "zero": False, "padding": 16}
