"""Draws charts as SVG and PNG files; needs vl-convert, an optional dependency.

It is imported only where files are drawn.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.report.chart import Chart, Spec, theme
from harness.report.charts.of_section import charts
from harness.report.report import build
from harness.report.table import Section
from harness.results.model import Results

WIDTH = 640
SCALE = 2.0
"""Pixels of a PNG for each of the drawing: sharp where it is shown large."""


def export_charts(results: Results, folder: Path) -> Iterator[Path]:
    """Every chart of a run, as `SECTION-CHART.svg` and `.png` in that folder; yields each file."""
    converter = _converter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, section in enumerate(build(results).sections, start=1):
            for chart in charts(section):
                drawing = _whole(chart, section)
                stem = folder / f"{number}-{_plain(section.title)}-{chart.key}"
                stem.with_suffix(".svg").write_text(str(converter.vegalite_to_svg(drawing)), "utf-8")
                yield stem.with_suffix(".svg")
                stem.with_suffix(".png").write_bytes(bytes(converter.vegalite_to_png(drawing, scale=SCALE)))
                yield stem.with_suffix(".png")
    except OSError as error:
        raise UsageError(f"{folder}: charts cannot be written: {error.strerror}.") from None


def _plain(title: str) -> str:
    """A section's title as part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(.*?\)", "", title.lower())).strip("-")[:60]


def _whole(chart: Chart, section: Section) -> Spec:
    """The specification with a title, a size and a light background."""
    title = {
        "text": chart.title,
        "subtitle": [section.title, *([chart.about] if chart.about else [])],
        "anchor": "start",
        "offset": 12,
    }
    return chart.spec | {
        "title": title,
        "width": WIDTH,
        "height": chart.height,
        "background": "#ffffff",
        "padding": 12,
        "config": theme(dark=False),
    }


def _converter() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise UsageError(
            "charts as files need vl-convert, which is not installed: pip install vl-convert-python. "
            "The page report.html shows the same charts without it."
        ) from None
    return vl_convert
