"""Where the CPU of a request goes, as one stacked bar a role."""

from collections.abc import Iterator

from harness.report.chart import Chart, Datum
from harness.report.charts.bars import stacked
from harness.report.tables.profile import BROKER, parts_of
from harness.results.model import Cell

COLOURS = ("#56B4E9", "#7B6FAE", "#CC79A7", "#D55E00", "#E69F00", "#009E73", "#0072B2", "#8A6D3B", "#8C8C8C")
"""In the order of the packages."""


def charts(cell: Cell) -> Iterator[Chart]:
    """One for a row that was sampled."""
    parts = parts_of(cell)
    rows: list[Datum] = [
        {"name": role, "part": part.package, "amount": ms, "order": order}
        for order, part in enumerate(parts)
        for role, ms in (part.by_role or {BROKER: part.ms}).items()
    ]
    if rows:
        names = dict.fromkeys(part.package for part in parts)
        yield stacked(
            rows,
            {name: COLOURS[order % len(COLOURS)] for order, name in enumerate(names)},
            key="profile",
            title="Where the CPU of a request goes",
            about="by the package of the innermost Python function",
            part="package",
            amount="CPU, milliseconds a request",
        )
