"""CPU and memory of each role as stacked bars."""

from collections.abc import Iterator

from harness.report.chart import Chart, Datum, names
from harness.report.charts.bars import stacked
from harness.report.tables.cost import COUNTED, cpu_s_per_1000, memory_mb
from harness.results.model import Cell
from harness.statistics.metrics import CPU, MEMORY

COLOURS = {"driver": "#7B6FAE", "workers": "#00857A", "broker": "#B0578D"}
"""None of them a side's."""


def charts(cells: list[Cell]) -> Iterator[Chart]:
    """What a contender costs, without the origin, for which both sides wait."""
    for metric, about, unit, read in (
        (CPU, "CPU-seconds of driver, workers and broker", "CPU-seconds", cpu_s_per_1000),
        (MEMORY, "the most over the rounds, at the end of the window", MEMORY.unit, memory_mb),
    ):
        labels = names(cells)
        rows: list[Datum] = [
            {"name": labels[cell.id], "part": role, "amount": amount, "order": order}
            for cell in cells
            for order, role in enumerate(COUNTED)
            if (amount := read(cell, role)) is not None
        ]
        if rows:
            yield stacked(
                rows,
                COLOURS,
                key=metric.short,
                title=metric.title,
                about=about,
                part="role",
                amount=unit,
            )
