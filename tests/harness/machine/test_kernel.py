"""Where a run is possible, and what it does without elsewhere."""

import os
from pathlib import Path

import pytest

from harness.machine import kernel


def test_a_run_needs_processes_that_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so before anything else, with what to do."""
    assert kernel.no_run() is None
    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr("sys.platform", "win32")
    assert kernel.no_run() == (
        "a run needs Linux, or a system like it; this is win32. Use the container image: docker compose up"
    )


def test_the_manual_names_everything_that_may_be_lacking() -> None:
    """With what stands in for it."""
    manual = (Path(__file__).parents[3] / "docs" / "install.md").read_text("utf-8")
    assert [part.name for part in kernel.PARTS if part.name not in manual] == []


def test_what_is_lacking_is_told_to_whom_it_concerns() -> None:
    """A driver misses other things than a role that only reports; what another version calls otherwise is left out."""
    names = ["PSS", "timerfd", "a part of a later version", "/proc/stat"]
    assert kernel.of_whom(names, "role") == ["PSS"]
    assert kernel.of_whom(names, "driver", "role") == ["timerfd", "PSS"]
    assert kernel.instead_of(names[-3:-1]) == [
        "timerfd (requests start by the event loop's own timers, up to a millisecond late)"
    ]
