"""One trial over its window: its rate and its latency."""

import math
from collections.abc import Iterator

from harness.report.chart import (
    Chart,
    Datum,
    Spec,
    axis,
    by_load,
    category,
    colours,
    layered,
    names,
    quantity,
    scale,
    shown,
)
from harness.results.model import Cell, Side, Timeline, Trial
from harness.statistics.metrics import THROUGHPUT

HEIGHT = 160
SERVICE_TIMES_LEAST, COMPLETIONS_LEAST, SLICES_LEAST = 5, 20, 3
"""Of a slice; and so many slices make a line."""
SHOWN = (
    ("timeline-rate", "rate", "Throughput over a trial", THROUGHPUT.axis),
    ("timeline-latency", "mean", "Latency over a trial", "mean latency, ms"),
)
"""Key, field, title and axis of each chart."""
LINE = {"mark": {"type": "line", "strokeWidth": 1.8, "point": {"size": 14}, "invalid": "break-paths-show-domains"}}


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """Two for each load."""
    for key, load, members in by_load(cells):
        yield from _charts(members, key, load)


def _charts(cells: list[Cell], suffix: str, load: str) -> Iterator[Chart]:
    """The first round of each cell: its rate, and its latency."""
    labels = names(cells)
    trials = [(cell, trial) for cell in cells if (trial := _first(cell))]
    first = [(cell, trial, _merged(cell, trial.timeline)) for cell, trial in trials if trial.timeline]
    first = [each for each in first if len(each[2].ok) >= SLICES_LEAST]
    rows = [row | {"name": labels[cell.id]} for cell, _, timeline in first for row in _rows(timeline)]
    if not rows:
        return
    sides = {labels[cell.id]: cell.side for cell, _, _ in first}
    rounds = sorted({trial.round for _, trial, _ in first})
    about = f"round {rounds[0]}" if len(rounds) == 1 else "the first round of each"
    for key, field, title, unit in SHOWN:
        yield Chart(f"{key}{suffix}", title, load + about, _spec(rows, field, unit, sides), HEIGHT)


def _spec(rows: list[Datum], field: str, unit: str, sides: dict[str, Side]) -> Spec:
    positive = [row for row in rows if row[field]]
    used = scale([row[field] for row in positive])
    encoding = {
        "x": {"field": "at", "type": "quantitative", "axis": axis("seconds since the window opened")},
        "y": quantity(field, unit, used),
        "color": category("name", colours(sides)),
        "tooltip": [
            shown("name", "contender"),
            shown("at", "s", ".3~r"),
            shown("rate", THROUGHPUT.axis, ",.4~r"),
            shown("mean", "mean latency, ms", ",.4~r"),
            shown("max", "longest, ms", ",.4~r"),
        ],
    }
    return layered(positive if used["type"] == "log" else rows, [LINE], encoding=encoding)


def _first(cell: Cell) -> Trial | None:
    measured = [trial for trial in cell.trials if trial.status == "measured" and trial.timeline]
    return min(measured, key=lambda trial: trial.round, default=None)


def _merged(cell: Cell, timeline: Timeline) -> Timeline:
    """The same in slices of five service times and of 20 completions at the least: shorter ones show single waves."""
    service_s = max(cell.ideal_s or 0.0, (cell.summary.latency_ms.mean / 1000) if cell.summary else 0.0)
    a_slice = sum(timeline.ok) / len(timeline.ok) if timeline.ok else 0.0
    together = max(
        1,
        math.ceil(SERVICE_TIMES_LEAST * service_s / timeline.slice_s),
        math.ceil(COMPLETIONS_LEAST / a_slice) if a_slice else len(timeline.ok),
    )
    whole = [slice(at, at + together) for at in range(0, len(timeline.ok) - together + 1, together)]
    return Timeline(
        slice_s=timeline.slice_s * together,
        ok=[sum(timeline.ok[part]) for part in whole],
        mean_ms=[_weighted(timeline.mean_ms[part], timeline.ok[part]) for part in whole],
        max_ms=[max((each for each in timeline.max_ms[part] if each is not None), default=None) for part in whole],
    )


def _weighted(means: list[float | None], counts: list[int]) -> float | None:
    known = [(mean, count) for mean, count in zip(means, counts, strict=True) if mean is not None and count]
    return sum(mean * count for mean, count in known) / sum(count for _, count in known) if known else None


def _rows(timeline: Timeline) -> Iterator[Datum]:
    for index, ok in enumerate(timeline.ok):
        yield {
            "at": (index + 0.5) * timeline.slice_s,
            "rate": ok / timeline.slice_s,
            "mean": timeline.mean_ms[index],
            "max": timeline.max_ms[index],
        }
