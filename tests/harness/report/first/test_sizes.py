"""How large an effect is said to be."""

import pytest

from harness.report.first.sizes import plainly


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.0, "1.0"), (1.04, "1.04"), (1.004, "1.004"), (1.26, "1.3"), (1.99, "2.0"), (13.6, "14")]
)
def test_a_difference_is_never_one_time(ratio: float, text: str) -> None:
    """`1.0 times as fast` is no difference."""
    assert plainly(ratio) == text
