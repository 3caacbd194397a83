"""Intervals of shares: Clopper and Pearson's, against known values."""

import re

import pytest
from scipy.stats import binom

from harness.statistics.binomial import chance_of, share_interval, share_text


@pytest.mark.parametrize(
    ("times", "of", "low", "high"),
    [
        (5, 10, 0.1871, 0.8129),
        (1, 20, 0.0013, 0.2487),
        (19, 20, 0.7513, 0.9987),
        (50, 100, 0.3983, 0.6017),
        (500, 2000, 0.2312, 0.2696),
        (0, 20, 0.0, 0.1391),
        (20, 20, 0.8609, 1.0),
    ],
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


@pytest.mark.parametrize("of", [1, 5, 21, 200, 600])
def test_a_share_in_whole_percents_is_never_narrower_than_its_interval(of: int) -> None:
    """0 of 21 is below 13.3 %, so not below 13 %; 0 of 600 is not below 0 %, nor 600 of 600 above 100 %."""
    for times in (0, min(1, of), of // 2, of):
        said = [int(percent) for percent in re.findall(r"(\d+)(?= to| %)", share_text(times, of).partition(":")[2])]
        low, high = (100 * end for end in share_interval(times, of))
        assert said[0] <= low + 1e-6 if times else said[-1] > 0
        assert said[-1] >= high - 1e-6 if times < of else said[0] < 100


@pytest.mark.parametrize(("least", "of"), [(1, 35), (5, 100), (20, 1000), (1100, 100_000)])
def test_the_chance_is_the_tail_of_the_binomial_distribution(least: int, of: int) -> None:
    """As SciPy has it."""
    assert chance_of(least, of, 0.01) == pytest.approx(binom.sf(least - 1, of, 0.01), abs=1e-9)


@pytest.mark.parametrize(("times", "of"), [(0, 0), (2, 1), (-1, 3)])
def test_what_is_no_share_is_refused(times: int, of: int) -> None:
    """More than all, or of none."""
    with pytest.raises(ValueError, match="is no share"):
        share_interval(times, of)
