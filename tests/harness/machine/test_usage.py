"""What a process tree uses, by the kernel's own counters."""

import os
import subprocess
import sys

import psutil
import pytest

from harness.machine.usage import read_tree


def test_memory_is_read_with_shared_pages_counted_once() -> None:
    """No more than what is resident, and not nothing."""
    reading = read_tree(memory="pss")
    assert (reading.memory_kind, reading.processes) == ("pss", 1)
    assert reading.memory_mb is not None
    assert 1 < reading.memory_mb <= psutil.Process().memory_info().rss / 1e6 * 1.1


def test_a_process_that_ended_meanwhile_uses_no_memory() -> None:
    """One that its parent has not waited for yet is still in the tree."""
    alone = read_tree(memory="pss").memory_mb
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        reading = read_tree(memory="pss")
    assert (reading.memory_kind, reading.processes) == ("pss", 2)
    assert reading.memory_mb == pytest.approx(alone, rel=0.2)


def test_memory_is_what_is_resident_where_the_kernel_shows_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the reading says so."""
    monkeypatch.setattr(psutil.Process, "memory_full_info", psutil.Process.memory_info)
    assert read_tree(memory="pss").memory_kind == "rss"
