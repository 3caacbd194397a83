"""The latency chain as stacked bars."""

from collections.abc import Iterator

from harness.report.chart import Chart, Datum, names
from harness.report.charts.bars import stacked
from harness.report.tables.stages import STAGES
from harness.results.model import Cell

COLOURS = dict(zip(STAGES.values(), ("#7A7F87", "#B0578D", "#9A7B1E", "#5B8DB8", "#00857A", "#8A63B8"), strict=True))
"""By stage; none of them a side's."""


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """Mean of each stage of each cell."""
    labels = names(cells)
    rows: list[Datum] = [
        {"name": labels[cell.id], "part": title, "amount": cell.summary.stages_ms[key], "order": order}
        for cell in cells
        if cell.summary
        for order, (key, title) in enumerate(STAGES.items())
        if key in cell.summary.stages_ms
    ]
    if rows:
        yield stacked(
            rows,
            COLOURS,
            key="stages",
            title="Where the time of a request goes",
            about="mean of each stage, from when a request was due to its reply",
            part="stage",
            amount="mean latency, ms",
        )
