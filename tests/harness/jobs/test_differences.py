"""Two replies are equal as JSON values, or the first place where they are not is named."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.jobs.differences import NotJson, at, first, plain
from tests.drawn import CHARACTERS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ({"a": 1}, {"a": 1.0}, None),
        ({"a": 1}, {"a": True}, "a"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "a[1].b"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]"),
        ({"a": 1}, {"b": 1}, "a"),
        ({"a": 1}, {"a": 1, "b": None}, "b"),
        ([1, 2], [1, 3], "[1]"),
        ("text", None, ""),
        ({"a": {}}, {"a": []}, "a"),
        ({}, {}, None),
    ],
)
def test_the_first_difference_has_a_path(one: Any, other: Any, path: str | None) -> None:
    """That of the values themselves is empty."""
    assert first(one, other) == path


def test_fields_may_differ_by_name_anywhere_or_by_path() -> None:
    """Indices are no part of it; a name in another place still counts."""
    one = {"date": 1, "orders": [{"id": 1, "date": 2}, {"id": 2, "date": 3}], "id": 7}
    other = {"date": 8, "orders": [{"id": 4, "date": 9}, {"id": 5, "date": 9}], "id": 7}
    assert first(one, other, ["date", "orders.id"]) is None
    assert first(one, other, ["orders.date", "orders.id"]) == "date"
    assert first(one, other | {"id": 8}, ["date", "orders.id"]) == "id"


@settings(max_examples=40)
@given(JSON)
def test_a_reply_equals_itself(value: Any) -> None:
    """Also with NaN in it."""
    assert first(plain(value), plain(value)) is None


def test_what_celery_sends_as_text_is_text() -> None:
    """Its serializer takes dates, decimals and UUIDs, and a tuple is a list."""
    reply = {"when": datetime(2026, 1, 2, tzinfo=UTC), "price": Decimal("1.10"), "id": UUID(int=1), "both": (1, 2)}
    assert plain(reply) == {
        "when": "2026-01-02T00:00:00+00:00",
        "price": "1.10",
        "id": "00000000-0000-0000-0000-000000000001",
        "both": [1, 2],
    }


@pytest.mark.parametrize("reply", [object(), {"a": object}, [print], {(1, 2): 3}, 1j, timedelta(1)])
def test_what_is_not_json_is_named_by_its_type(reply: Any) -> None:
    """A result backend could not store it."""
    with pytest.raises(NotJson, match=r"is not JSON|keys must be str"):
        plain(reply)


@dataclass
class Order:
    """A reply as a dataclass."""

    id: UUID
    lines: tuple[Any, ...]


class Model:
    """A reply as a pydantic model, as far as it is asked."""

    def model_dump(self, mode: str) -> dict[str, Any]:
        """As Celery asks for it."""
        return {"mode": mode}


@pytest.mark.parametrize(
    ("reply", "as_json"),
    [
        (b"\xff", "b'\\xff'"),
        (bytearray(b"a"), "b'a'"),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({"b", "a"}), ["a", "b"]),
        (Order(UUID(int=1), (Decimal(1), b"")), {"id": str(UUID(int=1)), "lines": ["1", "b''"]}),
        ([Model()], [{"mode": "json"}]),
        ({1: time(1, 2)}, {"1": "01:02:00"}),
    ],
)
def test_replies_of_many_types_are_compared_as_json(reply: Any, as_json: Any) -> None:
    """Bytes are no text."""
    assert plain(reply) == as_json
    assert first(plain(b"a"), plain("a")) == ""


def test_what_lies_at_a_path_is_shown() -> None:
    """Nothing, where a reply ends before it."""
    assert at({"a": [1, {"b": "x"}]}, "a[1].b") == '"x"'
    assert at({"a": [1]}, "a[4]") == at({"a": 1}, "b.c") == "nothing"
    assert at([1, 2], "") == "[1, 2]"
