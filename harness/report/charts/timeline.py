"""One trial over its window: what came when, and how long it had taken."""

from collections.abc import Iterator

from harness.report.chart import Chart, Datum, axis, by_load, colours, layered, names, scale
from harness.results.model import Cell, Timeline, Trial

HEIGHT = 160


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """Two for each load."""
    for key, load, members in by_load(cells):
        yield from _charts(members, key, load)


def _charts(cells: list[Cell], suffix: str, load: str) -> Iterator[Chart]:
    """The first round of each cell: its rate, and its latency."""
    named = names(cells)
    shown = [(cell, trial, trial.timeline) for cell in cells if (trial := _first(cell)) and trial.timeline]
    rows = [row | {"name": named[cell.id]} for cell, _, timeline in shown for row in _rows(timeline)]
    if not rows:
        return
    sides = {named[cell.id]: cell.side for cell, _, _ in shown}
    rounds = sorted({trial.round for _, trial, _ in shown})
    about = f"round {rounds[0]}" if len(rounds) == 1 else "the first round of each"
    for key, field, title, unit in (
        ("timeline-rate", "rate", "Requests/s over a trial", "requests/s"),
        ("timeline-latency", "mean", "Latency over a trial", "mean latency, ms"),
    ):
        how = scale([row[field] for row in rows if row[field]])
        encoding = {
            "x": {"field": "at", "type": "quantitative", "axis": axis("seconds since the window opened")},
            "y": {"field": field, "type": "quantitative", "scale": how, "axis": axis(unit, how["type"])},
            "color": {"field": "name", "type": "nominal", "scale": colours(sides), "title": None},
            "tooltip": [
                {"field": "name", "title": "contender"},
                {"field": "at", "title": "s", "format": ".3~r"},
                {"field": "rate", "title": "requests/s", "format": ",.4~r"},
                {"field": "mean", "title": "mean latency, ms", "format": ",.4~r"},
                {"field": "max", "title": "longest, ms", "format": ",.4~r"},
            ],
        }
        kept = [row for row in rows if row[field]] if how["type"] == "log" else rows
        line = {
            "mark": {"type": "line", "strokeWidth": 1.8, "point": {"size": 14}, "invalid": "break-paths-show-domains"}
        }
        yield Chart(f"{key}{suffix}", title, load + about, layered(kept, [line], encoding=encoding), HEIGHT)


def _first(cell: Cell) -> Trial | None:
    measured = [trial for trial in cell.trials if trial.status == "measured" and trial.timeline]
    return min(measured, key=lambda trial: trial.round, default=None)


def _rows(timeline: Timeline) -> Iterator[Datum]:
    for index, ok in enumerate(timeline.ok):
        yield {
            "at": (index + 0.5) * timeline.slice_s,
            "rate": ok / timeline.slice_s,
            "mean": timeline.mean_ms[index],
            "max": timeline.max_ms[index],
        }
