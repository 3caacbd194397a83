"""crash:FAULT@N:LOAD as it is written, and what it issues."""

from itertools import islice

import pytest

from harness.errors import UsageError
from harness.loads.crash import Crash
from harness.loads.load import parse_load


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("crash:kill-worker@20:open:50/s", 40),
        ("crash:kill-app@3:burst:12", 12),
        ("crash:kill-child@1:open:5/s:uniform", 2),
    ],
)
def test_it_is_read_as_it_is_written(text: str, requests: int) -> None:
    """A rate goes on until twice as many have come; a burst says how many there are."""
    load = parse_load(text, "--load")
    assert isinstance(load, Crash)
    assert (load.text, load.requests, load.at_most(None)) == (text, requests, requests)
    described = load.describe()
    assert (described.fault, described.fault_at, described.requests) == (load.fault, load.at, requests)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("crash:", "expected crash:FAULT@N:LOAD, such as crash:kill-worker@20:open:50/s"),
        ("crash:kill-worker:open:5/s", "expected crash:FAULT@N:LOAD"),
        ("crash:kill-worker@20", "expected crash:FAULT@N:LOAD"),
        ("crash:kill-worker@20:closed:4", "expected crash:FAULT@N:LOAD"),
        ("crash:kill-werker@20:open:5/s", "Did you mean 'kill-worker'?"),
        ("crash:kill-worker@0:open:5/s", "as a whole number from 1 to 100000; got '0'"),
        ("crash:kill-worker@20:burst:19", "a burst of 19 never has 20 requests accepted"),
        ("crash:kill-worker@20:open:fast", "expected open:R/s"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    """With what was given, or the nearest name."""
    with pytest.raises(UsageError, match=r".") as raised:
        parse_load(text, "--load")
    assert said in str(raised.value)


def test_arrivals_of_a_rate_are_those_of_the_open_load() -> None:
    """And those of a burst are all due at once."""
    crash, load = parse_load("crash:kill-app@5:open:100/s", ""), parse_load("open:100/s", "")
    assert list(islice(crash._gaps_ns(3), 5)) == list(islice(load.gaps_ns(3), 5))  # type: ignore[attr-defined]
    burst = parse_load("crash:kill-app@5:burst:5", "")
    assert set(islice(burst._gaps_ns(3), 5)) == {0}  # type: ignore[attr-defined]
