"""Units: quantities as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.statistics.units import PER_SECOND, PERCENT, SECONDS, quantity, seconds

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


@given(st.text())
def test_any_text_is_a_quantity_or_none(text: str) -> None:
    """Nothing else is raised."""
    value = quantity(text, SECONDS)
    assert value is None or value >= 0
