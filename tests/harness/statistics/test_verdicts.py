"""Verdicts: what an interval of a ratio says."""

import pytest

from harness.results.model import Interval
from harness.statistics.verdicts import EQUAL_WITHIN, in_words, said_by


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((1.06, 1.2), "above"),
        ((0.5, 0.9), "below"),
        ((0.99, 1.2), "undecided"),
        ((0.62, 1.4), "undecided"),
        ((0.94, 1.02), "undecided"),
        ((0.96, 1.04), "no difference"),
        ((1.0001, 1.0002), "no difference"),
        ((1.01, 1.06), "above"),
        (None, "undecided"),
    ],
)
def test_absence_of_evidence_is_undecided(interval: Interval | None, said: str) -> None:
    """No difference needs the whole interval within ±5 %; then it is one in nobody's favour, however narrow."""
    assert said_by(interval) == said


@pytest.mark.parametrize("interval", [(0.951, 1.0), (1 / (1 + EQUAL_WITHIN), 1.05), (0.7, 0.8), (0.9, 1.2)])
def test_which_one_is_the_base_does_not_matter(interval: Interval) -> None:
    """Of the inverse ratio the same is said, from the other side."""
    turned = {"above": "below", "below": "above"}
    said = said_by(interval)
    inverse = (1 / interval[1], 1 / interval[0])
    assert said_by(inverse) == turned.get(said, said) or interval[0] == pytest.approx(1 / (1 + EQUAL_WITHIN))


def test_a_verdict_has_the_words_of_its_metric() -> None:
    """A higher latency is slower, a higher cost is more."""
    assert in_words("above", ("slower", "faster")) == "slower"
    assert in_words("below", ("more", "less")) == "less"
    assert in_words("undecided", ("more", "less")) == "undecided"
    assert in_words("no difference", ("faster", "slower")) == "no difference"
