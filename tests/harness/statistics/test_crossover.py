"""Where two lines cross, and within which bounds."""

import math

import pytest

from harness.statistics.crossover import Contrast, Crossing, comparable, crossings, first_is_ahead


def contrast(x: float, ratio: float, part: float | None = None) -> Contrast:
    """With an interval that reaches by that factor to each side."""
    return Contrast(x, ratio, None if part is None else (ratio / part, ratio * part))


def only(*contrasts: Contrast) -> Crossing:
    """The one crossing of them."""
    (found,) = crossings(contrasts)
    return found


def test_lines_cross_where_their_ratio_is_one() -> None:
    """By straight lines on log scales: 2 at 1 and 1/2 at 16 meet at 4, whatever the order in which they are given."""
    found = only(contrast(16, 0.5), contrast(1, 2.0))
    assert found.at == pytest.approx(4)
    assert (found.ci95, found.falls) == (None, True)
    assert not only(contrast(1, 0.5), contrast(16, 2.0)).falls


def test_the_interval_ends_where_the_ratios_interval_is_clear_of_one() -> None:
    """Ratios 4 and 1/4 known by a factor of 2: the band's edges are 1 at a quarter and at three quarters of the way."""
    found = only(contrast(1, 4.0, 2), contrast(16, 0.25, 2))
    assert found.at == pytest.approx(4)
    assert found.ci95 == pytest.approx((2, 8))


def test_values_that_are_unclear_belong_to_the_interval() -> None:
    """It begins and ends between them and the next ones that are clear."""
    found = only(contrast(1, 4, 1.1), contrast(4, 1.05, 2), contrast(8, 0.95, 2), contrast(64, 0.25, 1.1))
    assert found.ci95 is not None
    low, high = found.ci95
    assert 1 < low < 4 < found.at < 8 < high < 64


@pytest.mark.parametrize(
    "contrasts",
    [
        [contrast(1, 1.01, 1.1), contrast(4, 0.99, 1.1)],
        [contrast(1, 0.98, 1.1), contrast(4, 1.5, 1.1), contrast(16, 2, 1.1)],
        [contrast(1, 4, 2), contrast(4, 0.95, 2), contrast(8, 1.05, 2), contrast(16, 4, 2)],
        [contrast(1, 4, 2), contrast(4, 1.0, 2), contrast(16, 0.95, 2)],
    ],
)
def test_noise_about_one_is_no_crossover(contrasts: list[Contrast]) -> None:
    """Only where the one is clearly ahead before and the other clearly after does one overtake."""
    assert list(crossings(contrasts)) == []


def test_noise_within_a_crossover_makes_no_more_of_it() -> None:
    """Three changes of sign where nothing is clear are one crossing, in their middle."""
    ratios = [(1, 4.0), (2, 0.9), (4, 1.1), (8, 0.25)]
    assert 2 < only(*(contrast(x, ratio, 1.5) for x, ratio in ratios)).at < 4
    assert len(list(crossings([contrast(x, ratio) for x, ratio in ratios]))) == 3


def test_a_value_without_an_interval_is_left_out_where_others_have_one() -> None:
    """It was measured in a single round: nobody knows how sure it is."""
    given = [contrast(1, 4, 1.1), contrast(2, 0.5), contrast(4, 4, 1.1)]
    assert list(crossings(given)) == []
    assert [one.x for one in comparable(given)] == [1, 4]


def test_who_is_ahead_is_told_by_what_is_clear() -> None:
    """Not by the signs of noise."""
    given = [contrast(1, 0.5, 1.1), contrast(2, 1.01, 1.1), contrast(4, 1.02, 1.1)]
    assert not first_is_ahead(given)
    assert first_is_ahead([contrast(1, 2.0, 1.1), contrast(2, 0.99, 1.1), contrast(4, 0.98, 1.1)])


def test_lines_may_cross_more_than_once() -> None:
    """Each is told where all of it is clear."""
    found = list(crossings([contrast(1, 2, 1.1), contrast(2, 0.5, 1.1), contrast(4, 2, 1.1)]))
    assert [one.at for one in found] == pytest.approx([math.sqrt(2), math.sqrt(8)])
    assert [one.falls for one in found] == [True, False]


@pytest.mark.parametrize("contrasts", [[], [contrast(1, 2)], [contrast(1, 1.0), contrast(2, 1.0)]])
def test_too_few_points_do_not_cross(contrasts: list[Contrast]) -> None:
    """Nothing to draw a line through."""
    assert list(crossings(contrasts)) == []


def test_what_is_neither_clear_nor_equal_is_undecided() -> None:
    """The interval includes 1 and is not within ±5 %; so is what has no interval."""
    given = [contrast(8, 1.2, 2), contrast(2, 4, 2), contrast(4, 0.9, 2), contrast(1, 1.01, 1.02), contrast(16, 1.2)]
    assert [one.x for one in given if one.undecided] == [8, 4, 16]
    assert contrast(8, 4, 2).inverse == contrast(8, 0.25, 2)
