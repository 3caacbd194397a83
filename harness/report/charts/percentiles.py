"""Latency by percentile, on an axis that stretches the tail (as HdrHistogram draws it)."""

from collections.abc import Iterator

from harness.recording.histograms import ANY, merge, percentiles_ms
from harness.report.chart import (
    Chart,
    Datum,
    by_load,
    category,
    colours,
    layered,
    names,
    quantity,
    scale,
    shapes,
    shown,
)
from harness.results.model import Cell

PERCENTILES = (0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.3, 99.5, 99.7, 99.8, 99.9)
TAIL = (99.93, 99.95, 99.97, 99.98, 99.99, 99.999)
HEIGHT = 220
PERCENTILE_AXIS = {
    "field": "beyond",
    "type": "quantitative",
    "scale": {"type": "log", "nice": False},
    "axis": {
        "title": "percentile of the requests",
        "values": [1, 2, 4, 10, 20, 100, 1000, 10000, 100000],
        "labelExpr": "format(100 - 100 / datum.value, '~r') + ' %'",
    },
}
"""100 ÷ the share of requests beyond a percentile, on a log scale: as far from 99 to 99.9 % as from 90 to 99 %."""


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """One for each load."""
    for key, load, members in by_load(cells):
        yield from _chart(members, key, load)


def _chart(cells: list[Cell], key: str, load: str) -> Iterator[Chart]:
    """One line per cell, up to the last percentile that enough samples lie beyond."""
    labels = names(cells)
    rows: list[Datum] = [row | {"name": labels[cell.id]} for cell in cells for row in _rows(cell)]
    if not rows:
        return
    sides = {labels[cell.id]: cell.side for cell in cells}
    latencies = [row["latency"] for row in rows]
    encoding = {
        "x": PERCENTILE_AXIS,
        "y": quantity("latency", "latency, ms", scale(latencies), latencies),
        "color": category("name", colours(sides)),
        "shape": category("name", shapes(list(sides))),
        "tooltip": [
            shown("name", "contender"),
            shown("percent", "percentile", "~r"),
            shown("latency", "latency, ms", ",.4~r"),
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
        open=True,
    )


def _rows(cell: Cell) -> Iterator[Datum]:
    histogram = merge([trial.histograms["latency"] for trial in cell.counted if "latency" in trial.histograms])
    latencies = [trial.latency_ms for trial in cell.counted if trial.latency_ms is not None]
    within = (min(each.min for each in latencies), max(each.max for each in latencies)) if latencies else ANY
    for percent, latency_ms in percentiles_ms(histogram, (*PERCENTILES, *TAIL), within).items():
        if latency_ms:
            yield {"percent": percent, "beyond": 100 / (100 - percent), "latency": latency_ms}
