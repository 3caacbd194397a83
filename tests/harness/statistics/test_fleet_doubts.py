"""Doubts about workers that run elsewhere."""

from harness.statistics.fleet_doubts import of_processors, of_slots


def test_other_slots_than_those_of_the_row_are_a_doubt() -> None:
    """Both numbers are named."""
    assert of_slots(8, 8) == of_slots(None, None) == []
    (doubt,) = of_slots(6, 8)
    assert "with 6 slots" in doubt.text
    assert "that of 8" in doubt.text


def test_other_processors_than_the_runs_are_a_doubt_where_they_are_known() -> None:
    """Workers on the same ones, or that do not say, are none."""
    assert of_processors(["a", None], "a") == of_processors(["b"], None) == of_processors([], "a") == []
    (doubt,) = of_processors(["c", "b", "a", "b"], "a")
    assert "workers ran on b, c; the run on a" in doubt.text
