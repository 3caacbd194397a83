"""Whether a limit was held, by how many requests were late."""

import pytest

from harness.statistics.deciding.held import Held, held


@pytest.mark.parametrize(
    ("late", "submitted", "expected"),
    [
        (0, 50, "yes"),
        (10, 1000, "yes"),
        (1, 35, "undecided"),
        (12, 1000, "undecided"),
        (5, 100, "no"),
        (25, 1000, "no"),
        (0, 0, "undecided"),
    ],
)
def test_a_few_late_requests_decide_nothing(late: int, submitted: int, expected: Held) -> None:
    """More than 1 % of few may be chance; of many it is not."""
    assert held(late, submitted, 0.01) == expected
