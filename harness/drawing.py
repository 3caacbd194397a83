"""Draws charts as SVG and PNG files; needs vl-convert, which is an optional part of the install.

Everything else does without it: it is imported only where files are drawn.
"""

from typing import Any

from harness.chart import Chart, Spec, theme
from harness.errors import UsageError

WIDTH = 640
SCALE = 2.0
"""Pixels of a PNG for each of the drawing: sharp where it is shown large."""


def svg(chart: Chart) -> str:
    """As SVG, on light ground."""
    return str(_converter().vegalite_to_svg(_whole(chart)))


def png(chart: Chart) -> bytes:
    """As PNG, on light ground."""
    return bytes(_converter().vegalite_to_png(_whole(chart), scale=SCALE))


def _whole(chart: Chart) -> Spec:
    """With its title and a size."""
    title = {"text": chart.title, "subtitle": chart.about, "anchor": "start", "offset": 12}
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
