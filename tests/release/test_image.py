"""How large the image may be; the figure itself is looked at where an engine has built it (tests/compose)."""

from release import image


def test_the_base_is_that_of_the_last_stage() -> None:
    """What is only built with does not count."""
    assert image.base("FROM a:1 AS build\nRUN x\nFROM b:2\nCOPY --from=build /x /x\n") == "b:2"
    assert image.base((image.ROOT / "Dockerfile").read_text()).startswith("python:")


def test_more_than_the_limit_is_a_fault() -> None:
    """And says so in megabytes."""
    assert image.fault(image.ADDED_MOST_MB) == ""
    assert image.fault(image.ADDED_MOST_MB + 1) == "201 MB are more than 200 MB"
