"""What a workload is about, and what a load ranks contenders by, each with its interval over the rounds."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

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
from harness.report.leading import Lead, Mean, lead_of
from harness.results.model import Cell, Trial
from harness.statistics.metrics import THROUGHPUT, Metric, mostly_answered, ranked_by

DEFAULT = THROUGHPUT
"""What is shown of a load that ranks nothing."""
IS_MEAN = {"filter": "datum.kind === 'mean'"}
IS_TRIAL = {"filter": "datum.kind === 'trial'"}


class Drawn(NamedTuple):
    """A figure, as a chart of it needs it."""

    key: str
    title: str
    axis: str
    of_trial: Callable[[Trial], float | None]
    of_cell: Callable[[Cell], Mean | None]
    has_ceiling: bool = False


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """A chart of what the workload is about, then one for each metric that the cells' loads rank them by."""
    by_metric: dict[Metric, list[Cell]] = {}
    for cell in cells:
        by_metric.setdefault(next(iter(ranked_by(cell)), DEFAULT), []).append(cell)
    lead = lead_of(cells[0].workload)
    leads = [] if lead.metric in by_metric else [(_of_lead(lead), cells)]
    for drawn, members in [*leads, *((_of_metric(metric), members) for metric, members in by_metric.items())]:
        rows = list(_rows(members, drawn))
        if any(row["figure"] or row.get("ceiling") for row in rows):
            yield _chart(members, drawn, rows)


def _of_lead(lead: Lead) -> Drawn:
    name = lead.measure.name
    return Drawn(
        f"leading-{lead.measure.key}",
        name[0].upper() + name[1:],
        f"{name}, {lead.unit}",
        lead.of_trial,
        lead.of_cell,
    )


def _of_metric(metric: Metric) -> Drawn:
    def of_cell(cell: Cell) -> Mean | None:
        if cell.summary is None or not all(map(mostly_answered, cell.counted)):
            return None
        value = metric.in_summary(cell.summary)
        return None if value is None else Mean(value, metric.interval(cell.summary))

    return Drawn(f"ranked-{metric.key}", metric.title, metric.axis, metric.of_trial, of_cell, metric is THROUGHPUT)


def _rows(cells: list[Cell], drawn: Drawn) -> Iterator[Datum]:
    """A mean for each cell, and its trials."""
    labels = names(cells)
    for cell in cells:
        common = {"name": labels[cell.id], "contender": cell.name}
        mean = drawn.of_cell(cell)
        if mean is not None:
            low, high = mean.interval or (None, None)
            yield common | {
                "kind": "mean",
                "figure": mean.value,
                "low": low,
                "high": high,
                "ceiling": cell.ceiling_per_s if drawn.has_ceiling and THROUGHPUT in ranked_by(cell) else None,
            }
        for trial in cell.trials:
            if trial.status == "measured" and (figure := drawn.of_trial(trial)):
                yield common | {"kind": "trial", "figure": figure, "round": trial.round}


def _chart(cells: list[Cell], drawn: Drawn, rows: list[Datum]) -> Chart:
    ceilings = any(row.get("ceiling") for row in rows)
    return Chart(
        key=drawn.key,
        title=f"{drawn.title}, with 95 % intervals",
        about="point and bar: mean over boots and rounds, and its interval; ticks: rounds"
        + ("; grey line: the slots' ceiling" if ceilings else ""),
        spec=layered(rows, _layers(cells, drawn, rows)),
        height=ROW_PX * len(cells),
        open=True,
    )


def _layers(cells: list[Cell], drawn: Drawn, rows: list[Datum]) -> list[Spec]:
    """The ceiling as a line, every trial as a faint tick, the mean as a point on its interval."""
    values = [row[key] for row in rows for key in ("figure", "low", "high", "ceiling") if row.get(key)]
    x = quantity("figure", drawn.axis, scale(values), values)
    place = {"y": by_name(), "x": x}
    colour = {"color": category("contender", colours({cell.name: cell.side for cell in cells}), legend=None)}
    name, figure = shown("name", "contender"), shown("figure", drawn.axis, ",.4~r")
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
            "mark": {"type": "text", "dy": -9, "fontSize": 10},
            "encoding": place | {"text": {"field": "figure", "format": ",.4~r"}} | of_mean,
        },
    ]
