"""What `python -m origin` takes."""

import argparse

import pytest

from origin.serving import PORT_MOST, _up_to


@pytest.mark.parametrize("text", ["", "-1", "65536", "9" * 5000, "８０", "8_0", " 80", "x"])
def test_a_port_that_is_none_is_refused_with_its_bounds(text: str) -> None:
    """Before anything is bound."""
    with pytest.raises(argparse.ArgumentTypeError, match="whole number from 0 to 65535"):
        _up_to(0, PORT_MOST)(text)
    assert _up_to(0, PORT_MOST)("65535") == PORT_MOST
