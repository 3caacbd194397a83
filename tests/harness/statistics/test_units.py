"""Units: quantities as people write them, and what keys end with."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.statistics.units import (
    PER_SECOND,
    PERCENT,
    SECONDS,
    named_with_unit,
    percent,
    quantity,
    rate_in_words,
    seconds,
    unit_suffix,
    whole_number,
)
from tests.drawn import CHARACTERS

numbers = st.decimals(min_value=0, max_value=10**9, places=3).map(lambda number: format(number, "f"))


@pytest.mark.parametrize(("text", "value"), [("500ms", 0.5), ("5s", 5.0), ("2min", 120.0), (" 1.5 s ", 1.5)])
def test_a_duration_is_read_in_seconds(text: str, value: float) -> None:
    """With spaces or without."""
    assert seconds(text, "the test") == value


@pytest.mark.parametrize(
    "text", ["", "5", "s", "-5s", "+5s", "0s", "1e3s", "5 h", "5S", "1,5s", "5s5s", "\u0665s", "9" * 400 + "s"]
)
def test_what_is_no_duration_is_refused_as_it_was_given(text: str) -> None:
    """With the place where it stands."""
    with pytest.raises(UsageError) as raised:
        seconds(text, "--duration")
    assert str(raised.value).startswith("--duration: expected a duration above 0")
    assert repr(text) in str(raised.value)


@given(numbers, st.sampled_from([*SECONDS, *PER_SECOND, *PERCENT]), st.sampled_from([SECONDS, PER_SECOND, PERCENT]))
def test_a_quantity_has_one_of_the_units_asked_for(number: str, unit: str, units: dict[str, float]) -> None:
    """Its number times that unit's factor; a quantity in another unit is none."""
    assert quantity(number + unit, units) == (float(number) * units[unit] if unit in units else None)


@given(st.text(CHARACTERS))
def test_any_text_is_a_quantity_or_none(text: str) -> None:
    """Nothing else is raised."""
    value = quantity(text, SECONDS)
    assert value is None or value >= 0


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("rate_per_s", ("rate", "/s")),
        ("cpu_percent", ("cpu", "%")),
        ("payload_bytes", ("payload", "bytes")),
        ("stop_running_ms", ("stop running", "ms")),
        ("memory_mb", ("memory", "MB")),
        ("poll_s", ("poll", "s")),
        ("seconds", ("time", "s")),
        ("slots", ("slots", "")),
        ("requests_a_tree", ("requests a tree", "")),
    ],
)
def test_a_key_is_read_with_the_unit_that_it_ends_with(key: str, expected: tuple[str, str]) -> None:
    """A key without one is only words."""
    assert named_with_unit(key) == expected


def test_the_suffix_is_what_a_key_ends_with() -> None:
    """So that a part can be put before it: `latency_ms` of p50 is `latency_p50_ms`."""
    assert unit_suffix("latency_ms") == "_ms"
    assert unit_suffix("slots") == ""


@given(st.integers(0, 10**20), st.integers(1, 10**6))
def test_a_whole_number_lies_from_1_to_the_most(number: int, most: int) -> None:
    """Else it is none."""
    assert whole_number(str(number), most) == (number if 1 <= number <= most else None)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", "1_000", " 1", "\u0661", "²", "9" * 5000])
def test_other_text_is_no_whole_number(text: str) -> None:
    """Not even what Python would read as one."""
    assert whole_number(text, 10**6) is None


@pytest.mark.parametrize(
    ("per_s", "text"), [(0.0, "0"), (0.456, "0.46"), (4.44, "4.4"), (9.6, "10"), (56.4, "56"), (1234.5, "1,234")]
)
def test_a_low_rate_is_not_rounded_to_nothing(per_s: float, text: str) -> None:
    """Half a request a second is not none."""
    assert rate_in_words(per_s) == text


def test_a_share_has_its_unit_apart() -> None:
    """As all units have."""
    assert (percent(0.125), percent(0.1234, 1), percent(12.5)) == ("12 %", "12.3 %", "1,250 %")
    assert (percent(0.02, signed=True), percent(-0.02, 1, signed=True)) == ("+2 %", "-2.0 %")


ROOT = Path(__file__).resolve().parents[3]
OTHERWISE = re.compile(r":[^{}\"'\n]*%\}|\} ?%[^\w{]|[^\w:]\d+%[ .,;)]")
"""A share that is formatted on the spot, and one that is written out without its space."""
DEFINITIONS = {"harness/statistics/units.py", "harness/report/table.py", "workloads/manifest.py"}
"""Those two, and a parameter in which shares are written as on a command line."""


def test_shares_are_written_in_one_way() -> None:
    """Nothing formats one by itself: a card with `12%` beside `12 %` looks like two hands."""
    files = [file for folder in ("harness", "benchmarks", "workloads") for file in (ROOT / folder).rglob("*.py")]
    found = {str(file.relative_to(ROOT)) for file in files if OTHERWISE.search(file.read_text("utf-8"))}
    assert found <= DEFINITIONS
