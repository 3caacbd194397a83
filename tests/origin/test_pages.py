"""Answers that follow from the request and the seed alone."""

import pytest

from origin.pages import fate


def test_fates_have_their_probabilities_and_follow_from_seed_number_and_attempt() -> None:
    """So every contender meets the same ones."""
    drawn = [fate("1", str(n), "1", 0.2, 0.1, 0.05) for n in range(4000)]
    assert drawn == [fate("1", str(n), "1", 0.2, 0.1, 0.05) for n in range(4000)]
    assert drawn != [fate("1", str(n), "2", 0.2, 0.1, 0.05) for n in range(4000)]
    for what, share in {"fail": 0.2, "hang": 0.1, "garbage": 0.05, "ok": 0.65}.items():
        assert drawn.count(what) / 4000 == pytest.approx(share, abs=0.02)
