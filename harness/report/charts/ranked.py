"""What a load ranks contenders by, with its interval over the rounds."""

from collections.abc import Iterator
from typing import NamedTuple

from harness.report.chart import ROW_PX, Chart, Datum, axis, colours, layered, names, scale
from harness.results.model import Cell, Interval, Summary
from harness.statistics.comparisons import METRICS, ranking


class Figure(NamedTuple):
    """A metric as it is drawn."""

    title: str
    unit: str


FIGURES = {
    "throughput_per_s": Figure("Requests/s", "requests/s"),
    "latency_p50_ms": Figure("Median latency", "ms"),
    "latency_p99_ms": Figure("p99 latency", "ms"),
}
"""By metric; a load that ranks nothing shows its rate."""
DEFAULT = "throughput_per_s"


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """A chart for each metric that the cells' loads rank them by."""
    metrics = {cell.id: ranking(cell) or DEFAULT for cell in cells}
    for metric in dict.fromkeys(metrics.values()):
        yield from _chart([cell for cell in cells if metrics[cell.id] == metric], metric)


def _centre(summary: Summary, metric: str) -> tuple[float | None, Interval | None]:
    if metric == DEFAULT:
        return summary.throughput_per_s, summary.throughput_ci95
    part = metric.removeprefix("latency_").removesuffix("_ms")
    return getattr(summary.latency_ms, part), summary.latency_ci95_ms.get(part)


def _chart(cells: list[Cell], metric: str) -> Iterator[Chart]:
    """A point with its interval for each cell, every trial as a faint tick, the ceiling as a line."""
    named = names(cells)
    title, unit = FIGURES[metric]
    rows: list[Datum] = []
    for cell in cells:
        assert cell.summary is not None
        centre, interval = _centre(cell.summary, metric)
        low, high = interval or (None, None)
        common = {"name": named[cell.id], "contender": cell.name}
        rows.append(
            common
            | {"kind": "mean", "figure": centre, "low": low, "high": high}
            | {"ceiling": cell.ceiling_per_s if metric == DEFAULT and metric in cell.load.ranked else None}
        )
        rows += [
            common | {"kind": "trial", "figure": figure, "round": trial.round}
            for trial in cell.trials
            if trial.status == "measured" and (figure := METRICS[metric][0](trial))
        ]
    every = [row[key] for row in rows for key in ("figure", "low", "high", "ceiling") if row.get(key)]
    if not every:
        return
    how = scale(every)
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240}}
    x = {"field": "figure", "type": "quantitative", "scale": how, "axis": axis(unit, how["type"])}
    sides = {cell.name: cell.side for cell in cells}
    colour = {"field": "contender", "type": "nominal", "scale": colours(sides), "legend": None}
    tooltip = [
        {"field": "name", "title": "contender"},
        {"field": "figure", "title": unit, "format": ",.4~r"},
        {"field": "low", "title": "95 % from", "format": ",.4~r"},
        {"field": "high", "title": "to", "format": ",.4~r"},
        {"field": "ceiling", "title": "ceiling", "format": ",.4~r"},
    ]
    mean = {"filter": "datum.kind === 'mean'"}
    yield Chart(
        key=f"ranked-{metric}",
        title=f"{title}, with 95 % intervals",
        about="point and bar: mean over the rounds and its interval; ticks: rounds"
        + ("; grey line: the slots' ceiling" if any(row.get("ceiling") for row in rows) else ""),
        spec=layered(
            rows,
            [
                {
                    "transform": [{"filter": "isValid(datum.ceiling)"}],
                    "mark": {"type": "tick", "color": "#888888", "thickness": 2, "size": ROW_PX - 4},
                    "encoding": {"y": y, "x": x | {"field": "ceiling"}, "tooltip": tooltip},
                },
                {
                    "transform": [{"filter": "datum.kind === 'trial'"}],
                    "mark": {"type": "tick", "opacity": 0.45, "size": 10},
                    "encoding": {
                        "y": y,
                        "x": x,
                        "color": colour,
                        "tooltip": [
                            {"field": "name", "title": "contender"},
                            {"field": "round", "title": "round"},
                            {"field": "figure", "title": unit, "format": ",.4~r"},
                        ],
                    },
                },
                {
                    "transform": [mean, {"filter": "isValid(datum.low)"}],
                    "mark": {"type": "rule", "strokeWidth": 3},
                    "encoding": {
                        "y": y,
                        "x": x | {"field": "low"},
                        "x2": {"field": "high"},
                        "color": colour,
                        "tooltip": tooltip,
                    },
                },
                {
                    "transform": [mean],
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                    "encoding": {"y": y, "x": x, "color": colour, "tooltip": tooltip},
                },
            ],
        ),
        height=ROW_PX * len(cells),
    )
