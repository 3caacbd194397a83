"""Where the milliseconds go: one stacked bar a figure."""

from collections.abc import Iterator, Sequence
from itertools import cycle

from harness.report.chart import Chart, Datum
from harness.report.charts.bars import stacked
from harness.results.model import Layers
from harness.statistics.layers import TITLES

COLOURS = (
    *("#56B4E9", "#7B6FAE", "#CC79A7", "#D55E00", "#E69F00", "#8C8C8C"),
    *("#2A9D78", "#A0522D", "#4B6BD6", "#8F9A2E"),
)
"""In the order of the layers; from the eleventh on, the first ones again."""


def charts(found: Sequence[Layers]) -> Iterator[Chart]:
    """One for all figures of a workload. What a layer saves lies to the left of 0, so that all of a bar adds up."""
    rows: list[Datum] = []
    names: dict[str, None] = {}
    for one in found:
        for order, layer in enumerate(one.layers):
            names.setdefault(layer.name)
            bar = f"{TITLES[one.figure].partition(' (')[0]}, {one.load.text}"
            rows.append({"name": bar, "part": layer.name, "amount": layer.difference, "order": order})
    if rows:
        drawn = stacked(
            rows,
            dict(zip(names, cycle(COLOURS), strict=False)),
            key="layers",
            title=f"Where the milliseconds of {found[0].layers[-1].contender} go",
            about="what each layer adds to the figure of the one before it; left of 0, what it saves",
            part="layer",
            amount="milliseconds a request",
        )
        yield drawn._replace(open=True)
