"""What holds for every load: how it is written and read, its deadlines, how much it sends."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.loads.load import parse_load
from harness.machine.clock import NS
from harness.recording.rows import DUE
from tests.harness.loads.conftest import SLOTS, Run, after_warm_up, folded, kinds


@pytest.mark.parametrize("load", ["drain:40", "burst:40"])
def test_loads_that_end_by_themselves_issue_exactly_their_requests(tmp_path: Path, load: str) -> None:
    """In the window; the warm-up's lie before it and have all ended."""
    driven, _ = after_warm_up(tmp_path, load)
    assert driven.fold.counts.submitted == driven.fold.counts.ok == 40
    before = driven.rows[driven.rows[:, DUE] < driven.recording.opened_ns]
    assert len(before) > 0
    between = ["BetweenParts"] if load.startswith("drain") else []  # its two parts are told apart
    assert driven.link.heard_kinds() == ["WindowOpened", *between, "WindowClosed"]


@pytest.mark.parametrize(
    ("text", "requests", "most"),
    [("closed:8", 60, 60), ("open:5/s", None, None), ("drain:7", 60, 7), ("burst:9", None, 9)],
)
def test_the_most_that_a_load_sends(text: str, requests: int | None, most: int | None) -> None:
    """By which a service that is somebody else's is kept from more than was allowed."""
    assert parse_load(text, "the test").at_most(requests) == most


@pytest.mark.parametrize(
    "text", ["drain:0", "drain:x", "burst:-1", "burst:1.5", "open:0/s", "open:5", "open:5/s:odd", "closed"]
)
def test_a_load_that_cannot_be_is_named_as_it_was_given(text: str) -> None:
    """With an example of what is expected."""
    with pytest.raises(UsageError) as raised:
        parse_load(text, "--load")
    assert repr(text.partition(":")[2] or text) in str(raised.value)
    assert "expected" in str(raised.value)


@pytest.mark.parametrize(("requests", "expected"), [(999, []), (1000, ["drifting"])])
def test_halves_of_an_open_load_differ_by_chance_where_requests_are_few(requests: int, expected: list[str]) -> None:
    """Three quarters of them in the second half: drifting only from a thousand good replies on."""
    spans = [(NS // 4, NS // 4)] * (requests // 4) + [(3 * NS // 4, 3 * NS // 4)] * (requests - requests // 4)
    assert kinds(parse_load("open:1000/s", "the test").figures(folded(spans), {}, None)) == expected
    assert kinds(parse_load("closed:4", "the test").figures(folded(spans), {}, None)) == ["drifting"]


@pytest.mark.parametrize(
    ("load", "slots", "seconds"),
    [
        ("closed:8", 4, 0.1),
        ("closed:8", 16, 0.05),
        ("closed:8", None, 0.05),
        ("open:500/s", 4, 0.05),
        ("drain:40", 4, 40 * (0.002 + 0.0125)),
        ("drain:40", None, 40 * (0.002 + 0.002)),
        ("burst:40", 4, 40 * (0.002 + 0.0125)),
        ("burst:40", 100, 40 * (0.002 + 0.002)),
    ],
)
def test_a_deadline_counts_from_what_a_request_takes_at_the_most(load: str, slots: int | None, seconds: float) -> None:
    """The whole queue ahead of it, of 50 ms each; what ends by itself is published one after the other."""
    assert parse_load(load, "the test").expected_s(0.05, slots) == pytest.approx(seconds)


@pytest.mark.parametrize("load", ["drain:40", "burst:40", "closed:40"])
def test_no_request_takes_longer_than_its_load_expects(run: Run, load: str) -> None:
    """Else what is well within its means would be lost."""
    driven, _ = run(load)
    latency = driven.fold.latency("latency")
    assert latency is not None
    assert latency.max / 1000 <= parse_load(load, "the test").expected_s(0.05, SLOTS) + 1e-6


@pytest.mark.parametrize(
    "text",
    [
        "closed:",
        "closed:0",
        "closed:100001",
        "closed:²",
        "drain:1000001",
        "burst:1000001",
        "burst: 5",
        "open:1000001/s",
        "open:-5/s",
        "open:nan/s",
        "open:/s",
        "open:5/s:",
        "open:5/min",
    ],
)
def test_what_is_no_load_is_told_with_its_place_and_what_was_given(text: str) -> None:
    """Beyond the largest one too."""
    kind, _, rest = text.partition(":")
    with pytest.raises(UsageError) as raised:
        parse_load(text, "plan p, view 'v'")
    assert str(raised.value).startswith(f"plan p, view 'v': expected {kind}:")
    assert str(raised.value).rstrip(".").endswith(f"got {rest!r}")


def test_an_unknown_load_names_the_nearest() -> None:
    """And all there are."""
    with pytest.raises(UsageError, match=r"unknown load 'opne' in --load\. Did you mean 'open'\?"):
        parse_load("opne:5/s", "--load")


def test_a_number_of_thousands_of_digits_is_no_load_either() -> None:
    """It is out of range like any other."""
    with pytest.raises(UsageError):
        parse_load("closed:" + "9" * 5000, "--load")


def same_again(text: str) -> None:
    """A session hands loads on as they are written: what is read again must be the same load."""
    load = parse_load(text, "the test")
    again = parse_load(load.text, "the test")
    assert again.describe() == load.describe()


@pytest.mark.parametrize(
    "text", ["closed:64", "drain:1000000", "burst:1", "open:0.5/s", "open:100000/s", "open:33.3/s:uniform"]
)
def test_a_load_is_the_same_when_it_is_read_again(text: str) -> None:
    """Kind, numbers and arrivals."""
    same_again(text)


@pytest.mark.parametrize("text", ["open:1000000/s", "open:0.00001/s", "open:1234.567/s", "open:123456.7/s:uniform"])
def test_a_rate_is_the_same_when_it_is_read_again(text: str) -> None:
    """To all its digits: a cell must be measured at the rate that was asked, and at all."""
    same_again(text)
