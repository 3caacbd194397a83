"""`benchmarks.identical_pairs`: a gate between two sides fails where one is slower, and not where they are the same."""

from benchmarks.identical_pairs import Pair, failed, fails
from harness.results.model import Results
from tests.builders import cell_of, results_of, trial_of

SPEEDS = [100.0, 50.0, 200.0, 80.0, 120.0, 60.0, 90.0, 70.0]


def part(rate: float) -> Results:
    """A run of one round."""
    return results_of([cell_of(trials=[trial_of(1, rate)])])


def pairs(gain: float) -> list[Pair]:
    """Base and new, at the machine's changing speed; a percent of noise."""
    noises = (1.01, 0.99) * 4
    return [(part(speed), part(speed * gain * noise)) for speed, noise in zip(SPEEDS, noises, strict=True)]


def test_a_slower_side_fails_and_the_same_does_not() -> None:
    """Whatever the machine's speed was."""
    assert failed(pairs(0.8))
    assert not failed(pairs(1.0))


def test_of_equal_sides_no_comparison_fails_and_either_may_be_the_base() -> None:
    """A gain of a half is seen wherever most pairs that were drawn have the same base."""
    assert fails(pairs(1.0), 20) == 0
    assert 0 <= fails(pairs(0.5), 20) < 20
