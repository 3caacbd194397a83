"""Which charts a section of a report has, and in which order."""

from collections.abc import Iterator
from itertools import chain

from harness.report.chart import Chart
from harness.report.charts import costs, layers, over, percentiles, profile, ranked, stages, timeline
from harness.report.table import Section

OF_CELLS = (ranked, percentiles, stages, costs, timeline)


def charts(section: Section) -> Iterator[Chart]:
    """Those that have something to show; each says which of its rows are doubted."""
    for chart in _drawn(section):
        about = f"{chart.about}." if chart.about and section.doubts else chart.about
        yield chart._replace(about=f"{about}{section.doubts}".lstrip())


def _drawn(section: Section) -> Iterator[Chart]:
    cells = [cell for cell in section.cells if cell.status == "measured" and cell.summary]
    if cells:
        yield from chain.from_iterable(kind.charts(cells) for kind in OF_CELLS)
    yield from over.charts(section.scalings)
    yield from layers.charts(section.layers)
    if section.profiled is not None:
        yield from profile.charts(section.profiled)
