"""Intervals of shares: Clopper and Pearson's, against known values."""

import pytest

from harness.statistics.binomial import share_interval, share_text


@pytest.mark.parametrize(
    ("times", "of", "low", "high"),
    [(5, 10, 0.1871, 0.8129), (1, 20, 0.0013, 0.2487), (19, 20, 0.7513, 0.9987), (50, 100, 0.3983, 0.6017)],
)
def test_intervals_are_those_of_the_tables(times: int, of: int, low: float, high: float) -> None:
    """To four digits."""
    assert share_interval(times, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("times", "of", "text"),
    [
        (0, 20, "0 of 20: below 14 %"),
        (0, 1, "0 of 1: below 95 %"),
        (20, 20, "20 of 20: above 86 %"),
        (3, 20, "3 of 20: 3 to 38 %"),
    ],
)
def test_never_and_always_have_one_bound(times: int, of: int, text: str) -> None:
    """With all of the 5 % on the side that is possible."""
    assert share_text(times, of) == text


@pytest.mark.parametrize(("times", "of"), [(0, 0), (2, 1), (-1, 3)])
def test_what_is_no_share_is_refused(times: int, of: int) -> None:
    """More than all, or of none."""
    with pytest.raises(ValueError, match="is no share"):
        share_interval(times, of)
