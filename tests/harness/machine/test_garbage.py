"""Modules are imported without a search for garbage among them; afterwards, it is as it was."""

import gc
from collections.abc import Iterator

import pytest

from harness.machine.garbage import seldom_collected


@pytest.fixture(autouse=True)
def usual() -> Iterator[tuple[int, int, int]]:
    """What this process has."""
    found = gc.get_threshold()
    yield found
    gc.set_threshold(*found)


def test_what_is_made_meanwhile_is_looked_through_once(usual: tuple[int, int, int]) -> None:
    """At the end; from then on as often as before."""
    before = [one["collections"] for one in gc.get_stats()]
    with seldom_collected():
        made = [[number] for number in range(10_000)]
    after = [one["collections"] for one in gc.get_stats()]
    assert [later - sooner for later, sooner in zip(after, before, strict=True)] == [0, 0, 1]
    assert len(made) == 10_000
    assert gc.get_threshold() == usual


def test_what_an_imported_module_asks_for_is_kept() -> None:
    """An application may have its own numbers."""
    with seldom_collected():
        gc.set_threshold(123, 4, 5)
    assert gc.get_threshold() == (123, 4, 5)
