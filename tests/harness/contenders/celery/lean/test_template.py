"""A text with slots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contenders.celery.lean.template import Template


def test_each_slot_is_filled_wherever_it_occurs() -> None:
    """And nothing else is touched."""
    template = Template(b"[A] to [B], from [A].", {"name": b"[A]", "other": b"[B]"})
    assert template.filled({"name": b"x", "other": b"[A]"}) == b"x to [A], from x."


def test_a_text_without_a_place_for_a_slot_is_refused() -> None:
    """By the slot's name."""
    with pytest.raises(ValueError, match="no place for id, tag"):
        Template(b"nothing but [B]", {"id": b"[A]", "other": b"[B]", "tag": b"[C]"})


@given(st.binary().filter(lambda text: b"\x00" not in text), st.binary())
def test_a_slot_takes_any_bytes(text: bytes, value: bytes) -> None:
    """Also those that are marks elsewhere."""
    template = Template(text + b"\x00!" + text, {"slot": b"\x00!"})
    assert template.filled({"slot": value}) == text + value + text
