"""Where ratios lie on an axis, and which of their intervals go on beyond it."""

import pytest

from harness.report.first.screen import Effect, OverviewRow, Party
from harness.report.page.forest import forest


@pytest.mark.parametrize(
    ("interval", "cut"),
    [((1.5, 3.0), ""), ((1.5, 400.0), "above"), ((0.001, 3.0), "below"), ((0.001, 400.0), "both")],
)
def test_an_interval_that_goes_on_beyond_the_axis_is_marked(interval: tuple[float, float], cut: str) -> None:
    """So that its end is not taken for the end of the axis."""
    effect = Effect("first", 2.0, interval)
    row = OverviewRow("sleep", "sleep", Party("a", "a", "asyncio"), Party("b", "b", "celery"), "rate", effect, None)
    (mark,) = forest([row]).speed.marks
    assert mark is not None
    assert mark.cut == cut
    assert 0 <= mark.low <= mark.at <= mark.high <= 100
