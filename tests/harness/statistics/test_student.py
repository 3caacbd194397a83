"""Student's t."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit

from harness.statistics.student import p_value, t_quantile

freedom = st.one_of(st.floats(1, 10_000), st.floats(1, 1.5), st.integers(1, 10_000))


@pytest.mark.parametrize(("degrees", "quantile"), [(1, 12.7062), (2, 4.30265), (4, 2.77645), (30, 2.04227)])
def test_the_quantile_is_two_sided_95_percent(degrees: int, quantile: float) -> None:
    """Against the printed tables of Student's t."""
    assert t_quantile(degrees) == pytest.approx(quantile, rel=1e-5)


@given(freedom, st.floats(1e-6, 0.5))
def test_the_quantile_is_that_of_scipy(degrees: float, alpha: float) -> None:
    """For whole degrees of freedom and for those of Welch, which are fractions; for every level."""
    assert t_quantile(degrees, alpha) == pytest.approx(float(stdtrit(degrees, 1 - alpha / 2)), rel=1e-9)


@given(freedom, st.floats(0, 50))
def test_both_tails_hold_what_scipy_says(degrees: float, t: float) -> None:
    """Down to the last digits of what decides."""
    assert p_value(t, degrees) == pytest.approx(2 * float(stdtr(degrees, -t)), rel=1e-8, abs=1e-12)
