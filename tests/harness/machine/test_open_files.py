"""The limit of open files."""

import resource

import pytest

from harness.machine.open_files import MOST, OPEN_MAX, raise_limit

NO_LIMIT = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "then"),
    [
        (256, 512, 512),
        (512, 512, 512),
        (1024, 1_000_000, MOST),
        (1024, NO_LIMIT, MOST),
        (100_000, 1_000_000, 100_000),
        (NO_LIMIT, NO_LIMIT, NO_LIMIT),
    ],
)
def test_it_is_raised_as_far_as_it_may(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, then: int) -> None:
    """To the hard limit, or to a number that no program minds; it is never lowered, nor is the hard limit touched."""
    limits = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda which, changed: limits.append(changed))
    assert raise_limit() == then
    assert limits[-1] == (then, hard)


def test_a_system_that_grants_less_than_it_names_is_asked_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS, whose hard limit is none."""
    asked: list[int] = []

    def refuse(_which: int, limits: tuple[int, int]) -> None:
        asked.append(limits[0])
        if limits[0] > OPEN_MAX:
            raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, NO_LIMIT))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_limit() == OPEN_MAX
    assert asked == [MOST, OPEN_MAX]
