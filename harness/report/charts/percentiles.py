"""Latency by percentile, on an axis that stretches the tail (as HdrHistogram draws it)."""

from collections.abc import Iterator

from harness.recording.histograms import merge, percentiles_ms
from harness.report.chart import Chart, Datum, axis, by_load, colours, layered, names, scale, shapes
from harness.results.model import Cell

PERCENTILES = (0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.3, 99.5, 99.7, 99.8, 99.9)
TAIL = (99.93, 99.95, 99.97, 99.98, 99.99, 99.999)
HEIGHT = 260


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """One for each load."""
    for key, load, members in by_load(cells):
        yield from _chart(members, key, load)


def _chart(cells: list[Cell], key: str, load: str) -> Iterator[Chart]:
    """One line a cell, up to the last percentile that enough samples lie beyond."""
    named = names(cells)
    rows: list[Datum] = []
    for cell in cells:
        histogram = merge([trial.histograms["latency"] for trial in cell.trials if "latency" in trial.histograms])
        rows += [
            {"name": named[cell.id], "percent": percent, "beyond": 100 / (100 - percent), "latency": value}
            for percent, value in percentiles_ms(histogram, (*PERCENTILES, *TAIL)).items()
            if value
        ]
    if not rows:
        return
    sides = {named[cell.id]: cell.side for cell in cells}
    how = scale([row["latency"] for row in rows])
    encoding = {
        "x": {
            "field": "beyond",
            "type": "quantitative",
            "scale": {"type": "log", "nice": False},
            "axis": {
                "title": "percentile of the requests",
                "values": [1, 2, 4, 10, 20, 100, 1000, 10000, 100000],
                "labelExpr": "format(100 - 100 / datum.value, '~r') + ' %'",
            },
        },
        "y": {"field": "latency", "type": "quantitative", "scale": how, "axis": axis("latency, ms", how["type"])},
        "color": {"field": "name", "type": "nominal", "scale": colours(sides), "title": None},
        "shape": {"field": "name", "type": "nominal", "scale": shapes(list(sides)), "title": None},
        "tooltip": [
            {"field": "name", "title": "contender"},
            {"field": "percent", "title": "percentile", "format": "~r"},
            {"field": "latency", "title": "latency, ms", "format": ",.4~r"},
        ],
    }
    yield Chart(
        key=f"percentiles{key}",
        title="Latency by percentile",
        about=f"{load}of all rounds together; each line ends where fewer than 10 requests lie beyond",
        spec=layered(
            rows,
            [{"mark": {"type": "line", "strokeWidth": 2}}, {"mark": {"type": "point", "filled": True, "size": 30}}],
            encoding=encoding,
        ),
        height=HEIGHT,
    )
