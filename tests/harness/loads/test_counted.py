"""What loads of a fixed number of requests have in common."""

import pytest

from harness.errors import UsageError
from harness.loads.load import parse_load


@pytest.mark.parametrize("kind", ["burst", "drain"])
def test_its_requests_are_its_window_whatever_the_run_asks_for(kind: str) -> None:
    """`--requests` sets how long a steady window is, which it has not."""
    load = parse_load(f"{kind}:70", "here")
    assert (load.text, load.settings(), load.at_most(5), load.at_most(None)) == (f"{kind}:70", {"requests": 70}, 70, 70)
    assert load.ranked == ("throughput_per_s",)


@pytest.mark.parametrize("kind", ["burst", "drain"])
@pytest.mark.parametrize("text", ["", "0", "-1", "1e3", "1000001", "٣"])
def test_only_a_whole_number_is_accepted(kind: str, text: str) -> None:
    """The error says where it stands, and how it is written."""
    with pytest.raises(UsageError, match=f"^the plan: expected {kind}:N with the number of requests as a whole number"):
        parse_load(f"{kind}:{text}", "the plan")


@pytest.mark.parametrize("kind", ["burst", "drain"])
def test_the_last_request_waits_for_all_the_others(kind: str) -> None:
    """100 requests of 1 s on 10 slots take ten rounds of a second, and 2 ms each to publish."""
    load = parse_load(f"{kind}:100", "here")
    assert load.expected_s(1.0, 10) == pytest.approx(10.2)
    assert load.expected_s(1.0, None) == pytest.approx(1.2)
