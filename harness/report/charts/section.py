"""One file a chart; all of a section's are drawn in this order."""

from collections.abc import Iterator
from itertools import chain

from harness.report.chart import Chart
from harness.report.charts import costs, over, percentiles, ranked, stages, timeline
from harness.report.table import Section


def charts(section: Section) -> Iterator[Chart]:
    """Those that have something to show."""
    cells = [cell for cell in section.cells if cell.status == "measured" and cell.summary]
    if cells:
        yield from chain.from_iterable(one.charts(cells) for one in (ranked, percentiles, stages, costs, timeline))
    yield from over.charts(section.scalings)
