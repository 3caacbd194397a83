"""Intervals and percentiles: what a verdict rests on."""

import math
import random
from statistics import geometric_mean

import numpy as np
import pytest
import scipy  # its parts are imported when they are used: scipy.stats takes a second of CPU
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.statistics.intervals import difference, estimate, paired_ratio, percentile_is_known

rates = st.floats(min_value=1e-3, max_value=1e6)
samples = st.lists(rates, min_size=2, max_size=12)


def test_an_interval_is_student_t_on_logarithms() -> None:
    """Logs 0, 1, 2 have mean 1, deviation 1, and t(2) = 4.3027, by the tables."""
    interval = estimate([[math.exp(0), math.exp(1), math.exp(2)]]).interval()
    half = 4.302652729911275 / math.sqrt(3)
    assert interval == pytest.approx((math.exp(1 - half), math.exp(1 + half)))


def test_one_trial_has_no_interval() -> None:
    """An interval comes from trials: a single one has none, rather than one of no width."""
    assert estimate([[3.0]]).interval() is None


def test_equal_trials_have_an_interval_of_no_width() -> None:
    """Without any spread, both ends are the value itself."""
    assert estimate([[7.0] * 5]).interval() == pytest.approx((7.0, 7.0))


@given(samples)
def test_the_geometric_mean_lies_in_its_interval(values: list[float]) -> None:
    """The centre is between the ends, and between the least and the greatest value."""
    interval = estimate([values]).interval()
    assert interval is not None
    centre = geometric_mean(values)
    assert interval[0] <= centre * (1 + 1e-9)
    assert interval[1] >= centre * (1 - 1e-9)
    assert min(values) * (1 - 1e-9) <= centre <= max(values) * (1 + 1e-9)


@given(st.lists(st.floats(min_value=0.5, max_value=2.0), min_size=2, max_size=12), st.floats(0.1, 10))
def test_an_interval_does_not_depend_on_the_unit(values: list[float], factor: float) -> None:
    """Requests a second or a minute: both ends scale with the values."""
    plain = estimate([values]).interval()
    scaled = estimate([[value * factor for value in values]]).interval()
    assert plain is not None
    assert scaled == pytest.approx((plain[0] * factor, plain[1] * factor))


def test_95_of_100_intervals_hold_the_true_value() -> None:
    """Over 4,000 samples of five drawn trials, the interval misses the truth about once in twenty."""
    draw = random.Random(1)
    held = 0
    for _ in range(4000):
        interval = estimate([[draw.lognormvariate(0.0, 0.3) for _ in range(5)]]).interval()
        assert interval is not None
        held += interval[0] <= 1.0 <= interval[1]
    assert 0.94 < held / 4000 < 0.96


def test_the_mean_of_each_boot_is_one_sample() -> None:
    """Rounds of a boot are no samples of their own: boots at 1 and e² have t(1) = 12.706 about e."""
    found = estimate([[1.0] * 10, [math.exp(2)] * 2])
    half = 12.706204736174698 * math.sqrt(2) / math.sqrt(2)
    assert found.value == pytest.approx(math.e)
    assert (found.boots, found.rounds, found.degrees) == (2, 12, 1)
    assert found.interval() == pytest.approx((math.exp(1 - half), math.exp(1 + half)))


def test_a_single_boot_has_the_interval_of_its_rounds_and_no_verdict() -> None:
    """It leaves out what varies between boots."""
    found = estimate([[99.0, 100.0, 101.0, 100.0, 100.0]])
    assert found.interval() == estimate([[99.0, 100.0, 101.0, 100.0, 100.0]]).interval()
    assert not found.enough
    assert estimate([[99.0, 100.0], [101.0, 100.0, 100.0]]).enough
    assert not estimate([[99.0, 100.0], [101.0, 100.0]]).enough


def test_of_what_a_boot_decides_readings_are_one_sample() -> None:
    """Memory: five readings of one worker say nothing about the next one."""
    assert estimate([[100.0, 100.1, 100.2, 100.1, 100.0]], once_a_boot=True).interval() is None
    two = estimate([[100.0, 100.2], [110.0, 110.2]], once_a_boot=True)
    assert two.degrees == 1


boots = st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=3), min_size=2, max_size=5)


@settings(max_examples=30)
@given(boots, boots)
def test_two_runs_differ_by_welchs_interval_of_the_boots_means(a: list[list[int]], b: list[list[int]]) -> None:
    """As scipy computes it."""
    means = [np.array([np.log(of_boot).mean() for of_boot in run]) for run in (a, b)]
    found = difference(estimate(a), estimate(b))
    assert found.log == pytest.approx(means[1].mean() - means[0].mean(), abs=1e-9)
    if min(mean.std() for mean in means) < 1e-6:
        return
    wanted = scipy.stats.ttest_ind(means[1], means[0], equal_var=False).confidence_interval(0.95)
    interval = found.interval()
    assert interval is not None
    assert [math.log(end) for end in interval] == pytest.approx([wanted.low, wanted.high], rel=1e-6, abs=1e-6)


def test_a_single_round_of_either_run_has_no_interval_and_equal_boots_a_point() -> None:
    """Nothing is made up."""
    assert difference(estimate([[1.0]]), estimate([[2.0], [2.0]])).interval() is None
    assert difference(estimate([[1.0], [1.0]]), estimate([[2.0], [2.0]])).interval() == pytest.approx((2, 2))


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
