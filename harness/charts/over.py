"""Figures over whatever number a plan varies, with the crossover of the two sides marked."""

from collections.abc import Iterator

from harness.chart import Chart, Datum, axis, colours, layered, scale, shapes
from harness.scaling import Scaling
from harness.tables.scaling import FIGURES, crossings_of, points

HEIGHT = 260


def charts(scaling: Scaling) -> Iterator[Chart]:
    """One line a contender; a chart a figure."""
    for key, (name, unit, _) in FIGURES.items():
        known = points(scaling, key)
        rows: list[Datum] = [
            {"contender": line, "x": x, "y": y} for line, found in known.items() for x, y in found.items()
        ]
        if not rows:
            continue
        across = [
            {"x": crossing.at, "y": crossing.y, "text": f"{crossing.first} ↔ {crossing.second}"}
            for crossing in crossings_of(scaling, key)
        ]
        x_unit = f"{scaling.name}, {scaling.unit}" if scaling.unit else scaling.name
        y_unit = f"{name}{unit}" if unit == "/s" else f"{name}, {unit}"
        x_scale, y_scale = _scale(scaling.values), scale([row["y"] for row in rows])
        sides = {line.contender: line.side for line in scaling.lines if line.contender in known}
        x = {"field": "x", "type": "quantitative", "scale": x_scale, "axis": axis(x_unit) | {"values": scaling.values}}
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
        ]
        if across:
            layers.append(
                {
                    "data": {"values": across},
                    "mark": {"type": "point", "shape": "cross", "size": 160, "strokeWidth": 2, "color": "#888888"},
                    "encoding": {"x": x, "y": y, "tooltip": [{"field": "text", "title": "crossover"}, *tooltip[1:]]},
                }
            )
        yield Chart(
            key=f"over-{key}",
            title=f"{name.capitalize()}{' ' if unit != '/s' else ''}{unit} by {scaling.name}",
            about="grey crosses mark where the two sides change places" if across else "",
            spec=layered(rows, layers),
            height=HEIGHT,
        )


def _scale(values: list[float]) -> dict[str, object]:
    """Slots and rates go up by factors: equal factors, equal steps."""
    if min(values) > 0 and max(values) >= 4 * min(values):
        return {"type": "log", "nice": False, "padding": 16}
    return {"type": "linear", "zero": False, "padding": 16}
