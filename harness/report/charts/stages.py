"""The latency chain as stacked bars."""

from collections.abc import Iterator

from harness.report.chart import ROW_PX, Chart, axis, layered, names
from harness.report.tables.stages import STAGES
from harness.results.model import Cell

COLOURS = ("#9A9A9A", "#CC79A7", "#C9B458", "#A58CC9", "#009E73", "#6A51A3")
"""None of them a side's."""


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """Mean of each stage of each cell."""
    named = names(cells)
    rows = [
        {"name": named[cell.id], "stage": title, "ms": cell.summary.stages_ms[key], "order": order}
        for cell in cells
        if cell.summary
        for order, (key, title) in enumerate(STAGES.items())
        if key in cell.summary.stages_ms
    ]
    if not rows:
        return
    used = [title for title in STAGES.values() if any(row["stage"] == title for row in rows)]
    every = dict(zip(STAGES.values(), COLOURS, strict=True))
    encoding = {
        "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240}},
        "x": {"field": "ms", "type": "quantitative", "stack": "zero", "axis": axis("mean latency, ms")},
        "color": {
            "field": "stage",
            "type": "nominal",
            "scale": {"domain": used, "range": [every[title] for title in used]},
            "title": None,
        },
        "order": {"field": "order", "type": "ordinal"},
        "tooltip": [
            {"field": "name", "title": "contender"},
            {"field": "stage", "title": "stage"},
            {"field": "ms", "title": "mean, ms", "format": ",.3~r"},
        ],
    }
    yield Chart(
        key="stages",
        title="Where the time of a request goes",
        about="mean of each stage, from when a request was due to its reply",
        spec=layered(rows, [{"mark": {"type": "bar", "cornerRadius": 1}}], encoding=encoding),
        height=ROW_PX * len(cells),
    )
