"""Intervals and percentiles: what a verdict rests on."""

import math
import random
from statistics import geometric_mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from harness.statistics.intervals import log_interval, paired_ratio, percentile_is_known, t_quantile

rates = st.floats(min_value=1e-3, max_value=1e6)
samples = st.lists(rates, min_size=2, max_size=12)


def test_an_interval_is_student_t_on_logarithms() -> None:
    """Logs 0, 1, 2 have mean 1, deviation 1, and t(2) = 4.3027, by the tables."""
    interval = log_interval([math.exp(0), math.exp(1), math.exp(2)])
    half = 4.302652729911275 / math.sqrt(3)
    assert interval == pytest.approx((math.exp(1 - half), math.exp(1 + half)))


def test_one_trial_has_no_interval() -> None:
    """An interval comes from trials: a single one has none, rather than one of no width."""
    assert log_interval([3.0]) is None
    assert log_interval([]) is None


def test_equal_trials_have_an_interval_of_no_width() -> None:
    """Without any spread, both ends are the value itself."""
    assert log_interval([7.0] * 5) == pytest.approx((7.0, 7.0))


@pytest.mark.parametrize(("degrees", "quantile"), [(1, 12.7062), (2, 4.30265), (4, 2.77645), (30, 2.04227)])
def test_the_quantile_is_two_sided_95_percent(degrees: int, quantile: float) -> None:
    """Against the printed tables of Student's t."""
    assert t_quantile(degrees) == pytest.approx(quantile, rel=1e-5)


@given(st.one_of(st.floats(1, 10_000), st.floats(1, 1.5), st.integers(1, 10_000)))
def test_the_quantile_is_that_of_scipy(degrees: float) -> None:
    """For whole degrees of freedom and for those of Welch, which are fractions."""
    assert t_quantile(degrees) == pytest.approx(float(stdtrit(degrees, 0.975)), rel=1e-12)


@given(samples)
def test_the_geometric_mean_lies_in_its_interval(values: list[float]) -> None:
    """The centre is between the ends, and between the least and the greatest value."""
    interval = log_interval(values)
    assert interval is not None
    centre = geometric_mean(values)
    assert interval[0] <= centre * (1 + 1e-9)
    assert interval[1] >= centre * (1 - 1e-9)
    assert min(values) * (1 - 1e-9) <= centre <= max(values) * (1 + 1e-9)


@given(st.lists(st.floats(min_value=0.5, max_value=2.0), min_size=2, max_size=12), st.floats(0.1, 10))
def test_an_interval_does_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    """Requests a second or a minute: both ends scale with the values."""
    plain = log_interval(values)
    scaled = log_interval([value * factor for value in values])
    assert plain is not None
    assert scaled == pytest.approx((plain[0] * factor, plain[1] * factor))


def test_95_of_100_intervals_hold_the_true_value() -> None:
    """Over 4,000 samples of five drawn trials, the interval misses the truth about once in twenty."""
    draw = random.Random(1)
    held = 0
    for _ in range(4000):
        interval = log_interval([draw.lognormvariate(0.0, 0.3) for _ in range(5)])
        assert interval is not None
        held += interval[0] <= 1.0 <= interval[1]
    assert 0.94 < held / 4000 < 0.96


@given(samples, st.floats(min_value=0.1, max_value=10))
def test_pairing_cancels_what_drifts_with_the_rounds(base: list[float], factor: float) -> None:
    """However the machine changes from round to round, a constant factor between the sides comes out exactly."""
    ratio, interval = paired_ratio(base, [value * factor for value in base])
    assert ratio == pytest.approx(factor)
    assert interval == pytest.approx((factor, factor))


@given(st.lists(st.tuples(rates, rates), min_size=2, max_size=12))
def test_the_inverse_comparison_gives_the_inverse_ratio(pairs: list[tuple[float, float]]) -> None:
    """Which contender is the base does not change what is found."""
    base, other = [a for a, _ in pairs], [b for _, b in pairs]
    forth, back = paired_ratio(base, other), paired_ratio(other, base)
    assert forth[1] is not None
    assert back[1] is not None
    assert math.log(forth[0]) == pytest.approx(-math.log(back[0]), abs=1e-6)
    assert math.log(forth[1][0]) == pytest.approx(-math.log(back[1][1]), abs=1e-6)


def test_unpaired_rounds_are_refused() -> None:
    """Pairs are rounds: unequal numbers of them are a mistake of the caller's."""
    with pytest.raises(ValueError, match="zip"):
        paired_ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(("percent", "least"), [(50, 20), (90, 100), (99, 1_000), (99.9, 10_000)])
def test_a_percentile_needs_ten_samples_beyond_it(percent: float, least: int) -> None:
    """Known from the sample on with which ten lie beyond it, and not with one fewer."""
    assert percentile_is_known(least, percent)
    assert not percentile_is_known(least - 1, percent)
