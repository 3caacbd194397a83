"""The search for the highest rate: which rate is next, what is confirmed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.schedule.bisection import LEAST_PER_S, LOWER, NARROW, Attempt, Left, Search, Steps


def search_of(holds_up_to_per_s: float, rounds: int = 3) -> tuple[Search, list[tuple[str, float]]]:
    """A search over something that holds exactly up to that rate; with its steps."""
    search = Search(rounds)
    steps: list[tuple[str, float]] = []
    while (step := search.next()) is not None:
        steps.append((step.kind, step.rate_per_s))
        search.note(step, step.rate_per_s <= holds_up_to_per_s)
        assert len(steps) < 200
    return search, steps


def test_a_ramp_doubles_and_bisection_narrows_until_the_bracket_is_5_percent() -> None:
    """Then the lower end is what held."""
    search, steps = search_of(150)
    probes = [rate for kind, rate in steps if kind == "probe"]
    assert probes[:6] == [10, 20, 40, 80, 160, 160]
    assert search.low_per_s is not None
    assert search.high_per_s is not None
    assert search.low_per_s <= 150 < search.high_per_s <= NARROW * search.low_per_s


def test_a_rate_is_confirmed_only_where_it_held_in_every_round() -> None:
    """Full trials, all at the same rate."""
    search, steps = search_of(150, rounds=5)
    assert [kind for kind, _ in steps[-5:]] == ["confirm"] * 5
    assert {rate for kind, rate in steps if kind == "confirm"} == {search.low_per_s}
    assert search.confirmed


@given(st.floats(LEAST_PER_S * 2, 400_000), st.integers(1, 5))
def test_what_is_confirmed_is_within_5_percent_of_the_truth(truth_per_s: float, rounds: int) -> None:
    """Whatever that is, where nothing is noisy."""
    search, _ = search_of(truth_per_s, rounds)
    assert search.confirmed
    assert search.low_per_s is not None
    assert truth_per_s / (NARROW * 1.01) <= search.low_per_s <= truth_per_s


@given(st.floats(LEAST_PER_S, 400_000), st.floats(NARROW, 1000, exclude_min=True))
def test_a_probe_lies_within_its_bracket_though_it_is_rounded(low_per_s: float, width: float) -> None:
    """Just above 5 % wide, and where the first digit changes: at its ends nothing would be learnt."""
    search = Search(1)
    search.low_per_s, search.high_per_s = low_per_s, low_per_s * width
    step = search.next()
    assert step is not None
    if search.high_per_s / low_per_s > NARROW:
        assert step.kind == "probe"
        assert low_per_s < step.rate_per_s < search.high_per_s


def test_a_rate_that_is_not_confirmed_is_lowered_and_begins_its_rounds_again() -> None:
    """A single round is enough."""
    search = Search(3)
    while (step := search.next()) is not None and step.kind == "probe":
        search.note(step, step.rate_per_s <= 150)
    assert step is not None
    first = step.rate_per_s
    search.note(step, True)
    again = search.next()
    assert again is not None
    assert (again.rate_per_s, again.round) == (first, 2)
    search.note(again, False)
    lowered = search.next()
    assert lowered is not None
    assert (lowered.kind, lowered.round) == ("confirm", 1)
    assert lowered.rate_per_s == pytest.approx(LOWER * first, rel=0.01)
    assert search.high_per_s == first


def test_a_probe_that_fails_by_a_little_is_tried_again_and_one_that_fails_by_a_lot_is_not() -> None:
    """Noise does not halve what is served."""
    search = Search(1)
    step = search.next()
    assert step is not None
    search.note(step, False, served_per_s=0.95 * step.rate_per_s)
    assert search.next() == step
    search = Search(1)
    search.note(step, False, served_per_s=0.5 * step.rate_per_s)
    lower = search.next()
    assert lower is not None
    assert lower.rate_per_s < step.rate_per_s


def test_where_no_rate_holds_the_search_gives_up_and_says_so() -> None:
    """It ends below one request in two seconds."""
    search, steps = search_of(0)
    assert not search.confirmed
    assert search.given_up is not None
    assert "holds it" in search.given_up
    assert min(rate for _, rate in steps) / 2 < LEAST_PER_S


def test_where_no_round_ever_confirms_the_search_gives_up() -> None:
    """It ends, whatever happens."""
    search = Search(3)
    for _ in range(200):
        if (step := search.next()) is None:
            break
        search.note(step, step.kind == "probe" and step.rate_per_s <= 150)
    assert search.given_up is not None
    assert "no rate was confirmed" in search.given_up


def test_the_trials_left_are_known_to_be_none_only_at_the_end() -> None:
    """For the time to go."""
    search = Search(2)
    while (step := search.next()) is not None:
        assert 0 < sum(search.expected) <= sum(search.most)
        search.note(step, step.rate_per_s <= 33)
    assert search.expected == search.most == Left(0, 0)


def test_a_rate_has_three_digits_so_that_it_can_be_given_again() -> None:
    """On a command line."""
    _, steps = search_of(147.3)
    assert all(rate == float(f"{rate:.3g}") for _, rate in steps)
    assert all(math.isfinite(rate) for _, rate in steps)


def test_a_search_can_begin_where_the_rate_is_expected() -> None:
    """Rather than at 10/s, or at half of a ceiling that is far above."""
    near = Search(1, steps=Steps(first_per_s=120.0))
    assert near.next() == ("probe", 120.0, 0)
    below = Search(1, ceiling_per_s=640.0, steps=Steps(first_per_s=120.0))
    assert below.next() == ("probe", 120.0, 0)
    assert Search(1, ceiling_per_s=640.0).next() == ("probe", 320.0, 0)


def test_a_wider_bracket_takes_fewer_steps() -> None:
    """To a quarter: five probes from 60 % of what holds, none of them far beyond it."""
    search = Search(1, ceiling_per_s=640.0, steps=Steps(first_per_s=90.0, grow=1.5, narrow=1.25, lower=0.9))
    probes = 0
    while (step := search.next()) is not None:
        probes += step.kind == "probe"
        assert step.rate_per_s <= 1.5 * 150
        search.note(step, step.rate_per_s <= 150, served_per_s=150)
    assert search.confirmed
    assert search.low_per_s is not None
    assert 150 / 1.27 <= search.low_per_s <= 150
    assert probes <= 5


def test_a_search_whose_time_is_over_confirms_what_held() -> None:
    """However wide its bracket is; without any, it gives up."""
    search = Search(3)
    search.note(Attempt("probe", 10.0, 0), held=True)
    search.narrow_no_more()
    assert search.next() == ("confirm", 10.0, 1)
    assert search.expected == Left(0, 3)
    search.note(Attempt("confirm", 10.0, 1), held=True)
    search.settle()
    assert search.confirmed
    nothing = Search(3)
    nothing.narrow_no_more()
    assert nothing.given_up == "no rate held in the time that there was"


def test_a_rate_that_no_round_confirmed_is_not_settled_on() -> None:
    """A probe alone is too short to say so."""
    search = Search(3)
    search.note(Attempt("probe", 10.0, 0), held=True)
    search.settle()
    assert not search.confirmed
    assert search.given_up == "no rate was confirmed in the time that there was"
