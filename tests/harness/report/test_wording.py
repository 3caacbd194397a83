"""How sentences of a report write ratios, intervals, lists and amounts."""

import pytest

from harness.report.wording import amount, capitalised, counted, indicative, interval_of, inverse, listed, times


@pytest.mark.parametrize(
    ("ratio", "text"), [(376.4, "376 times"), (1234.5, "1,234 times"), (8.392, "8.39 times"), (0.00123, "0.0012 times")]
)
def test_a_ratio_has_as_many_digits_as_say_something(ratio: float, text: str) -> None:
    """Whole from ten on; two of them below a tenth."""
    assert times(ratio) == text


@pytest.mark.parametrize(
    ("interval", "text"),
    [((311.7, 453.2), "312 to 453"), ((1.031, 1.114), "1.03 to 1.11"), ((0.00117, 0.0013), "0.0012 to 0.0013")],
)
def test_both_ends_of_an_interval_have_as_many_decimals(interval: tuple[float, float], text: str) -> None:
    """By its lower end."""
    assert interval_of(interval) == f"95 % interval {text}"


def test_the_inverse_of_an_interval_swaps_its_ends() -> None:
    """So that the lower one still comes first."""
    assert inverse((0.5, 2.0)) == (0.5, 2.0)
    assert inverse((2.0, 4.0)) == (0.25, 0.5)


def test_names_are_listed_as_a_sentence_has_them() -> None:
    """The last one behind an and."""
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_fewer_rounds_than_a_verdict_needs_are_indicative() -> None:
    """With how many there were."""
    assert [indicative(rounds, 2) for rounds in (1, 4, 5)] == ["; indicative, 1 round", "; indicative, 4 rounds", ""]
    assert indicative(5, 1) == "; indicative, 1 boot"


def test_a_noun_has_the_form_of_its_number() -> None:
    """One round, no rounds, two rounds; two processes."""
    assert [counted(n, "round") for n in (0, 1, 2)] == ["0 rounds", "1 round", "2 rounds"]
    assert [counted(n, "process") for n in (1, 2)] == ["1 process", "2 processes"]
    assert counted(2, "crash") == "2 crashes"


def test_amounts_are_whole_from_ten_on() -> None:
    """Two significant digits below."""
    assert [amount(value) for value in (0.00482, 3.21, 12.3, 1234.0)] == ["0.0048", "3.2", "12", "1,234"]


def test_capitalising_leaves_the_rest_as_it_is() -> None:
    """A contender's name is not changed."""
    assert capitalised("the fastest Celery contender") == "The fastest Celery contender"
