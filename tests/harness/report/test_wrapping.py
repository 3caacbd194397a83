"""A number and its unit stay in one line."""

from harness.report.wrapping import kept_together, spaced, wrapped


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    """A noun after a number is no unit."""
    assert wrapped("wider than ±10 %.", 15) == ["wider than", "±10 %."]
    assert wrapped("it took 1.85 s of CPU", 12) == ["it took", "1.85 s of", "CPU"]
    assert wrapped("after 60 stamps", 9) == ["after 60", "stamps"]


def test_the_text_is_the_same_but_for_its_lines() -> None:
    """Nothing of what keeps them together is left."""
    text = "5.94 ms, 27.1 MB and 12 % of 16 slots in 3 s"
    assert spaced(kept_together(text)) == text
    assert " ".join(wrapped(text, 20)) == text
