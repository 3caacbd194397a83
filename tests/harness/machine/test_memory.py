"""Memory of a role's processes, by what the kernel writes of each: in virtual files."""

from pathlib import Path

import psutil
import pytest

from harness.machine.memory import memory_of

HEAD = "55cf61465000-7ffde7d54000 ---p 00000000 00:00 0                          [rollup]\n"


def rollup(proc: Path, pid: int, **kilobytes: int) -> None:
    """The file of a process."""
    (proc / str(pid)).mkdir(parents=True)
    lines = [f"{name}:  {number} kB\n" for name, number in kilobytes.items()]
    (proc / str(pid) / "smaps_rollup").write_text(HEAD + "".join(lines))


def test_pages_that_processes_share_count_once(tmp_path: Path) -> None:
    """The kernel has divided them by their number already; kilobytes of 1,024 bytes."""
    rollup(tmp_path, 1, Rss=60_000, Pss=30_000, Pss_Anon=25_000, Anonymous=40_000)
    rollup(tmp_path, 2, Rss=50_000, Pss=20_000, Pss_Anon=18_000, Anonymous=30_000)
    megabytes, kind = memory_of([1, 2], proc=tmp_path)
    assert kind == "pss"
    assert megabytes == pytest.approx(51.2)


def test_what_a_fork_shares_with_its_template_is_its_own(tmp_path: Path) -> None:
    """15,000 of its 40,000 anonymous kilobytes were counted for the template; its files stay divided."""
    rollup(tmp_path, 1, Rss=60_000, Pss=30_000, Pss_Anon=25_000, Anonymous=40_000)
    rollup(tmp_path, 2, Rss=50_000, Pss=20_000, Pss_Anon=18_000, Anonymous=30_000)
    assert memory_of([1], forked=True, proc=tmp_path)[0] == pytest.approx(45_000 * 1024 / 1e6)
    assert memory_of([1, 2], forked=True, proc=tmp_path)[0] == pytest.approx(65_000 * 1024 / 1e6)


def test_an_older_kernel_does_not_tell_anonymous_pages_apart(tmp_path: Path) -> None:
    """Its PSS is taken as it is."""
    rollup(tmp_path, 1, Pss=30_000, Anonymous=40_000)
    megabytes, kind = memory_of([1], forked=True, proc=tmp_path)
    assert kind == "pss"
    assert megabytes == pytest.approx(30.72)


def test_a_process_that_has_ended_has_no_memory(tmp_path: Path) -> None:
    """There is no process with that id."""
    rollup(tmp_path, 1, Pss=30_000)
    gone = max(psutil.pids()) + 100_000
    megabytes, kind = memory_of([1, gone], proc=tmp_path)
    assert kind == "pss"
    assert megabytes == pytest.approx(30.72)


def test_memory_is_what_is_resident_where_the_kernel_shows_no_more(tmp_path: Path) -> None:
    """And says so."""
    megabytes, kind = memory_of([psutil.Process().pid], proc=tmp_path)
    assert kind == "rss"
    assert megabytes == pytest.approx(psutil.Process().memory_info().rss / 1e6, rel=0.1)
