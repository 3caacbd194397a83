"""Processes that the work starts: whether all have begun."""

import os
from types import SimpleNamespace

import pytest

from harness.contenders.in_process import children


@pytest.mark.parametrize(("threads", "all_work"), [([], True), ([2, 5], True), ([2, 1], False), ([0, 2], True)])
def test_a_process_that_has_begun_watches_its_parent(
    monkeypatch: pytest.MonkeyPatch, threads: list[int], all_work: bool
) -> None:
    """So it has two threads; one that boots has a single one, and one that has ended none."""
    monkeypatch.setattr("multiprocessing.active_children", lambda: [SimpleNamespace(pid=n) for n in threads])
    monkeypatch.setattr(children, "_threads", lambda pid: pid)
    assert children.all_work() is all_work


def test_threads_are_those_of_the_process() -> None:
    """At least one of this one; none of one that is not there."""
    assert children._threads(os.getpid()) >= 1
    assert children._threads(2**30) == 0
