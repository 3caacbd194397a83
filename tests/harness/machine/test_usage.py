"""What a process tree uses, by the kernel's own counters."""

import os
import subprocess
import sys

import psutil
import pytest

from harness.machine.usage import read_tree


def tree() -> list[psutil.Process]:
    """This process and those below it: services that other tests share may be among them."""
    return [psutil.Process(), *psutil.Process().children(recursive=True)]


def test_memory_is_read_with_shared_pages_counted_once() -> None:
    """No more than what is resident, and not nothing."""
    reading = read_tree(memory="pss")
    assert (reading.memory_kind, reading.processes) == ("pss", len(tree()))
    assert reading.memory_mb is not None
    assert 1 < reading.memory_mb <= sum(process.memory_info().rss for process in tree()) / 1e6 * 1.1


def test_a_process_that_ended_meanwhile_uses_no_memory() -> None:
    """One that its parent has not waited for yet is still in the tree."""
    alone, processes = read_tree(memory="pss").memory_mb, len(tree())
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        reading = read_tree(memory="pss")
    assert (reading.memory_kind, reading.processes) == ("pss", processes + 1)
    assert reading.memory_mb == pytest.approx(alone, rel=0.2)


def test_memory_is_what_is_resident_where_the_kernel_shows_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the reading says so."""
    monkeypatch.setattr(psutil.Process, "memory_full_info", psutil.Process.memory_info)
    assert read_tree(memory="pss").memory_kind == "rss"
