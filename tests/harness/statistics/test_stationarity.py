"""A series that started from nothing: where its transient ends, and whether it has ended."""

import random

import pytest

from harness.statistics.stationarity import SAMPLES_LEAST, is_at_rest, transient


def noise(count: int, around: float, seed: int = 1) -> list[float]:
    """Values that scatter by a tenth."""
    draw = random.Random(seed).gauss
    return [draw(around, around / 10) for _ in range(count)]


def test_the_transient_ends_where_the_ramp_does() -> None:
    """Twenty samples of a ramp before two hundred at rest: cut near its end, and not beyond."""
    ramp = [float(step) for step in range(0, 100, 5)]
    assert 15 <= transient([*ramp, *noise(200, 100.0)]) <= 25


def test_a_series_at_rest_has_no_transient() -> None:
    """Nothing is cut of what is constant."""
    assert transient([5.0] * 60) == 0
    assert is_at_rest([5.0] * 60)


def test_a_ramp_that_is_over_is_rest() -> None:
    """It lies in the first half."""
    assert is_at_rest([*map(float, range(10)), *noise(50, 10.0)])


@pytest.mark.parametrize("seed", range(5))
def test_what_still_grows_is_not_at_rest(seed: int) -> None:
    """A queue that gets longer and longer, whatever its noise."""
    growing = [step + value for step, value in enumerate(noise(80, 10.0, seed))]
    assert not is_at_rest(growing)


def test_a_rise_at_the_end_is_not_rest() -> None:
    """The cut that is best would be a late one."""
    assert not is_at_rest([*noise(60, 10.0), *noise(40, 100.0)])


def test_few_samples_tell_nothing() -> None:
    """However even they are."""
    assert not is_at_rest([5.0] * (SAMPLES_LEAST - 1))
