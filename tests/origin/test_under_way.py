"""Requests under way count by the part of their wait that has passed."""

from origin.under_way import UnderWay

S = 1_000_000_000


def test_a_request_counts_by_the_part_of_its_wait_that_has_passed() -> None:
    """A quarter and a half; one that is late, whole; one that has ended, not at all: it was counted."""
    under_way = UnderWay()
    under_way.begin(0, 4.0)
    half = under_way.begin(0, 2.0)
    under_way.begin(0, 0.5)
    assert under_way.parts(S) == 0.25 + 0.5 + 1.0
    under_way.end(half)
    assert under_way.parts(S) == 0.25 + 1.0
