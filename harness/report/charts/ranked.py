"""What a load ranks contenders by, with its interval over the rounds."""

from collections.abc import Iterator

from harness.report.chart import (
    GREY,
    ROW_PX,
    Chart,
    Datum,
    Spec,
    by_name,
    category,
    colours,
    layered,
    names,
    quantity,
    scale,
    shown,
)
from harness.results.model import Cell
from harness.statistics.metrics import THROUGHPUT, Metric, ranked_by
from harness.statistics.ranking import ranking

DEFAULT = THROUGHPUT
"""What is shown of a load that ranks nothing."""
IS_MEAN = {"filter": "datum.kind === 'mean'"}
IS_TRIAL = {"filter": "datum.kind === 'trial'"}


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """A chart for each metric that the cells' loads rank them by."""
    by_metric: dict[Metric, list[Cell]] = {}
    for cell in cells:
        by_metric.setdefault(ranking(cell) or DEFAULT, []).append(cell)
    for metric, members in by_metric.items():
        rows = list(_rows(members, metric))
        if any(row["figure"] or row.get("ceiling") for row in rows):
            yield _chart(members, metric, rows)


def _rows(cells: list[Cell], metric: Metric) -> Iterator[Datum]:
    """A mean for each cell, and its trials."""
    labels = names(cells)
    for cell in cells:
        common = {"name": labels[cell.id], "contender": cell.name}
        if cell.summary is not None:
            low, high = metric.interval(cell.summary) or (None, None)
            yield common | {
                "kind": "mean",
                "figure": metric.in_summary(cell.summary),
                "low": low,
                "high": high,
                "ceiling": cell.ceiling_per_s if metric is THROUGHPUT and metric in ranked_by(cell) else None,
            }
        for trial in cell.trials:
            if trial.status == "measured" and (figure := metric.of_trial(trial)):
                yield common | {"kind": "trial", "figure": figure, "round": trial.round}


def _chart(cells: list[Cell], metric: Metric, rows: list[Datum]) -> Chart:
    ceilings = any(row.get("ceiling") for row in rows)
    return Chart(
        key=f"ranked-{metric.key}",
        title=f"{metric.title}, with 95 % intervals",
        about="point and bar: mean over boots and rounds, and its interval; ticks: rounds"
        + ("; grey line: the slots' ceiling" if ceilings else ""),
        spec=layered(rows, _layers(cells, metric, rows)),
        height=ROW_PX * len(cells),
        open=True,
    )


def _layers(cells: list[Cell], metric: Metric, rows: list[Datum]) -> list[Spec]:
    """The ceiling as a line, every trial as a faint tick, the mean as a point on its interval."""
    drawn = [row[key] for row in rows for key in ("figure", "low", "high", "ceiling") if row.get(key)]
    x = quantity("figure", metric.axis, scale(drawn), drawn)
    place = {"y": by_name(), "x": x}
    colour = {"color": category("contender", colours({cell.name: cell.side for cell in cells}), legend=None)}
    name, figure = shown("name", "contender"), shown("figure", metric.axis, ",.4~r")
    interval = [shown("low", "95 % from", ",.4~r"), shown("high", "to", ",.4~r"), shown("ceiling", "ceiling", ",.4~r")]
    of_mean = {"tooltip": [name, figure, *interval]}
    of_trial = {"tooltip": [name, shown("round", "round"), figure]}
    return [
        {
            "transform": [{"filter": "isValid(datum.ceiling)"}],
            "mark": {"type": "tick", "color": GREY, "thickness": 2, "size": ROW_PX - 4},
            "encoding": place | {"x": x | {"field": "ceiling"}} | of_mean,
        },
        {
            "transform": [IS_TRIAL],
            "mark": {"type": "tick", "opacity": 0.45, "size": 10},
            "encoding": place | colour | of_trial,
        },
        {
            "transform": [IS_MEAN, {"filter": "isValid(datum.low)"}],
            "mark": {"type": "rule", "strokeWidth": 3},
            "encoding": place | {"x": x | {"field": "low"}, "x2": {"field": "high"}} | colour | of_mean,
        },
        {
            "transform": [IS_MEAN],
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": place | colour | of_mean,
        },
        {
            "transform": [IS_MEAN],
            "mark": {"type": "text", "dy": -9, "fontSize": 10, "color": GREY},
            "encoding": place | {"text": {"field": "figure", "format": ",.4~r"}} | of_mean,
        },
    ]
