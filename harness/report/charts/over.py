"""Figures over whatever number a plan varies, with the crossover of the two sides and its interval marked."""

from collections.abc import Iterable, Iterator

from harness.report.chart import Chart, Datum, axis, colours, layered, scale, shapes
from harness.report.tables.scaling import FIGURES
from harness.results.model import Scaling

HEIGHT = 260
GREY = "#888888"


def charts(scalings: Iterable[Scaling]) -> Iterator[Chart]:
    """One line a contender; a chart a figure."""
    for one in scalings:
        name, unit = FIGURES[one.metric]
        rows: list[Datum] = [
            {"contender": curve.contender, "x": point.x, "y": point.y} for curve in one.curves for point in curve.points
        ]
        values = sorted({point.x for curve in one.curves for point in curve.points})
        x_unit = f"{one.over}, {one.unit}" if one.unit else one.over
        y_unit = f"{name}{unit}" if unit == "/s" else f"{name}, {unit}"
        x_scale, y_scale = _scale(values), scale([row["y"] for row in rows])
        sides = {curve.contender: curve.side for curve in one.curves}
        x = {"field": "x", "type": "quantitative", "scale": x_scale, "axis": axis(x_unit) | {"values": values}}
        y = {"field": "y", "type": "quantitative", "scale": y_scale, "axis": axis(y_unit, y_scale["type"])}
        colour = {"field": "contender", "type": "nominal", "scale": colours(sides), "title": None}
        shape = {"field": "contender", "type": "nominal", "scale": shapes(list(sides)), "title": None}
        tooltip = [
            {"field": "contender"},
            {"field": "x", "title": x_unit, "format": ",~r"},
            {"field": "y", "title": y_unit, "format": ",.4~r"},
        ]
        line = {"x": x, "y": y, "color": colour, "tooltip": tooltip}
        layers = [
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": line},
            {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": line | {"shape": shape}},
            *_crossovers(one, x, y, tooltip[1:]),
        ]
        yield Chart(
            key=f"over-{one.metric}",
            title=f"{name.capitalize()}{' ' if unit != '/s' else ''}{unit} by {one.over}",
            about="grey crosses mark where the two sides change places, grey lines its 95 % interval"
            if one.crossovers
            else "",
            spec=layered(rows, layers),
            height=HEIGHT,
        )


def _crossovers(one: Scaling, x: Datum, y: Datum, tooltip: list[Datum]) -> Iterator[Datum]:
    if not one.crossovers:
        return
    across = []
    for crossing in one.crossovers:
        low, high = crossing.ci95 or (crossing.at, crossing.at)
        across.append(
            {
                "x": crossing.at,
                "y": crossing.y,
                "text": f"{crossing.first} ↔ {crossing.second}",
                "low": low,
                "high": high,
            }
        )
    data = {"values": across}
    rule = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}
    yield {"data": data, "mark": {"type": "rule", "strokeWidth": 2, "color": GREY}, "encoding": rule}
    yield {
        "data": data,
        "mark": {"type": "point", "shape": "cross", "size": 160, "strokeWidth": 2, "color": GREY},
        "encoding": {"x": x, "y": y, "tooltip": [{"field": "text", "title": "crossover"}, *tooltip]},
    }


def _scale(values: list[float]) -> Datum:
    """Slots and rates go up by factors: equal factors, equal steps."""
    if min(values) > 0 and max(values) >= 4 * min(values):
        return {"type": "log", "nice": False, "padding": 16}
    return {"type": "linear", "zero": False, "padding": 16}
