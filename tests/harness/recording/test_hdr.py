"""HdrHistograms: the same bytes and percentiles as another implementation, and nothing else taken for one."""

import base64
import struct
import zlib

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.recording.hdr import DIGITS, HIGHEST_US, LOWEST_US, Histogram, NotAHistogram

EDGES = [0, 1, 2047, 2048, 4095, 4096, HIGHEST_US - 1, HIGHEST_US]
values = st.lists(st.sampled_from(EDGES) | st.integers(0, 10_000) | st.integers(0, HIGHEST_US), max_size=40)
PERCENTS = [0.001, 10, 50, 90, 99, 99.9, 100]


def other(recorded: list[int]) -> HdrHistogram:
    """The same values in the other implementation."""
    histogram = HdrHistogram(LOWEST_US, HIGHEST_US, DIGITS)
    for value in recorded:
        histogram.record_value(value)
    return histogram


def of(recorded: list[int]) -> Histogram:
    """A histogram of the values."""
    histogram = Histogram()
    histogram.record_all(np.asarray(recorded, np.int64))
    return histogram


@settings(max_examples=60)
@given(values)
def test_it_is_that_of_the_other_implementation(recorded: list[int]) -> None:
    """Byte for byte, and in every percentile."""
    ours, theirs = of(recorded), other(recorded)
    assert ours.encode() == theirs.encode().decode()
    assert Histogram.decode(ours.encode()).encode() == ours.encode()
    assert ours.total == theirs.get_total_count() == len(recorded)
    percentiles = theirs.get_percentile_to_value_dict(PERCENTS) or dict.fromkeys(PERCENTS, 0)  # of none it says nothing
    assert dict(zip(PERCENTS, ours.values_at(PERCENTS), strict=True)) == percentiles


@settings(max_examples=6)
@given(values)
def test_its_values_are_those_of_the_other_implementation(recorded: list[int]) -> None:
    """With how often each was recorded; a few of them, because that one looks at every number there could be."""
    ours, theirs = of(recorded), other(recorded)
    iterated = [(item.value_iterated_to, item.count_at_value_iterated_to) for item in theirs.get_recorded_iterator()]
    assert list(ours.recorded()) == iterated


def test_a_value_beyond_its_range_counts_at_the_edge() -> None:
    """Nothing is dropped: a latency of more than an hour is one of an hour."""
    assert of([-5, HIGHEST_US + 10]).encode() == of([0, HIGHEST_US]).encode()


def test_counts_of_any_size_are_kept() -> None:
    """Up to what the format of eight bytes holds."""
    histogram = Histogram()
    histogram.record(7, 2**55 - 1)
    assert Histogram.decode(histogram.encode()).total == 2**55 - 1


def wrapped(words: bytes, *, digits: int = DIGITS, length: int | None = None, most: int = HIGHEST_US) -> str:
    """What a sender may have put together."""
    inner = struct.pack(">IIIIQQd", 0x1C849313, len(words) if length is None else length, 0, digits, 1, most, 1.0)
    packed = zlib.compress(inner + words)
    return base64.b64encode(struct.pack(">II", 0x1C849314, len(packed)) + packed).decode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("not base64", id="text"),
        pytest.param("AAAA", id="short"),
        pytest.param(of([5]).encode()[:-8], id="cut"),
        pytest.param(base64.b64encode(struct.pack(">II", 0x1C849314, 5) + b"12345").decode(), id="not zlib"),
        pytest.param(wrapped(b"\x02", digits=2), id="digits"),
        pytest.param(wrapped(b"\x02", most=1000), id="range"),
        pytest.param(wrapped(b"\x02", length=7), id="length"),
        pytest.param(wrapped(b"\x82"), id="within a number"),
        pytest.param(wrapped(b"\x80" * 9 + b"\x02"), id="long number"),
        pytest.param(wrapped(b"\xff" * 7 + b"\x7f"), id="far beyond"),
        pytest.param(wrapped(b"\x02" * 23_553), id="too many"),
        pytest.param(wrapped(b"\x02" * 10_000_000), id="bomb"),
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    """Before it takes memory beyond that of the largest histogram."""
    with pytest.raises(NotAHistogram):
        Histogram.decode(text)
