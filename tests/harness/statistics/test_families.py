"""Several comparisons judged together."""

import math

from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.families import alphas, judged
from harness.statistics.intervals import ALPHA, Estimate
from harness.statistics.student import t_quantile


def estimate_of(t: float, degrees: float = 4) -> Estimate:
    """One whose logarithm is so many standard errors above 0."""
    return Estimate(log=0.1 * t, error=0.1, degrees=degrees, boots=5, rounds=5)


def test_the_smallest_is_tested_at_five_percent_of_all_and_the_next_of_one_fewer() -> None:
    """Holm 1979: three at 1 %, 2 % and 4 % are all significant, since 1 < 5/3, 2 < 5/2 and 4 < 5."""
    family = [estimate_of(t_quantile(4, p)) for p in (0.04, 0.01, 0.02)]
    assert alphas(family) == [ALPHA / 1, ALPHA / 3, ALPHA / 2]


def test_what_follows_one_that_is_not_significant_is_not_either() -> None:
    """At 3 % the first of three fails, so that 4 % and 4.9 % do, which alone would not."""
    family = [estimate_of(t_quantile(4, p)) for p in (0.03, 0.04, 0.049)]
    assert alphas(family) == [ALPHA / 3] * 3
    assert all(
        low <= 1 <= high
        for (low, high), _ in [(one.interval or (0, 0), 0) for one in judged([("m", f) for f in family])]
    )


def test_a_comparison_alone_keeps_its_95_percent() -> None:
    """As does one beside another that has no interval."""
    alone, blank = estimate_of(2.5), Estimate(log=0.0, error=None, degrees=0, boots=1, rounds=1)
    assert alphas([alone]) == [ALPHA]
    (first, second) = judged([("throughput", alone), ("throughput", blank)])
    assert first == (alone.interval(), 1)
    assert second.interval is None


def test_metrics_are_families_of_their_own() -> None:
    """More metrics do not make an interval of one of them wider."""
    found = judged([("throughput", estimate_of(2.5)), ("memory", estimate_of(2.5)), ("memory", estimate_of(0.1))])
    assert [one.family for one in found] == [1, 2, 2]
    assert found[0].interval == estimate_of(2.5).interval()


@given(st.lists(st.tuples(st.floats(-8, 8), st.integers(1, 30)), min_size=1, max_size=8))
def test_an_interval_leaves_out_one_exactly_where_holm_calls_a_difference(drawn: list[tuple[float, int]]) -> None:
    """And is never narrower than 95 %."""
    family = [estimate_of(t, degrees) for t, degrees in drawn]
    chances = sorted((one.p_of_one() or 0.0, index) for index, one in enumerate(family))
    rejected = set()
    for rank, (p, index) in enumerate(chances):
        if p > ALPHA / (len(family) - rank):
            break
        rejected.add(index)
    for index, (one, alpha) in enumerate(zip(family, alphas(family), strict=True)):
        half = t_quantile(one.degrees, alpha) * 0.1
        assert half >= t_quantile(one.degrees) * 0.1 * (1 - 1e-12)
        if not math.isclose(abs(one.log), half, rel_tol=1e-6):
            assert (abs(one.log) > half) == (index in rejected)
