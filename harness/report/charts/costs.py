"""CPU and memory of each role as stacked bars."""

from collections.abc import Callable, Iterator

from harness.report.chart import ROW_PX, Chart, axis, layered, names
from harness.report.tables.cost import COUNTED, cpu_s_per_1000, memory_mb
from harness.results.model import Cell

COLOURS = {"driver": "#7B6FAE", "workers": "#009E73", "broker": "#CC79A7"}
"""None of them a side's."""


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """What a contender costs, without the origin, for which both sides wait."""
    yield from _chart(
        cells,
        "cpu",
        "CPU for 1,000 requests",
        "CPU-seconds of driver, workers and broker",
        "CPU-seconds",
        lambda cell, role: cpu_s_per_1000(cell, role),
    )
    yield from _chart(cells, "memory", "Memory", "the most over the rounds, at the end of the window", "MB", memory_mb)


def _chart(
    cells: list[Cell], key: str, title: str, about: str, unit: str, read: Callable[[Cell, str], float | None]
) -> Iterator[Chart]:
    named = names(cells)
    rows = [
        {"name": named[cell.id], "role": role, "amount": amount, "order": order}
        for cell in cells
        for order, role in enumerate(COUNTED)
        if (amount := read(cell, role)) is not None
    ]
    if not rows:
        return
    used = [role for role in COUNTED if any(row["role"] == role for row in rows)]
    encoding = {
        "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240}},
        "x": {"field": "amount", "type": "quantitative", "stack": "zero", "axis": axis(unit)},
        "color": {
            "field": "role",
            "type": "nominal",
            "scale": {"domain": used, "range": [COLOURS[role] for role in used]},
            "title": None,
        },
        "order": {"field": "order", "type": "ordinal"},
        "tooltip": [
            {"field": "name", "title": "contender"},
            {"field": "role", "title": "role"},
            {"field": "amount", "title": unit, "format": ",.3~r"},
        ],
    }
    yield Chart(
        key=key,
        title=title,
        about=about,
        spec=layered(rows, [{"mark": {"type": "bar", "cornerRadius": 1}}], encoding=encoding),
        height=ROW_PX * len(cells),
    )
