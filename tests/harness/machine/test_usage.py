"""What a process tree uses, by the kernel's own counters."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest

from harness.machine import usage
from harness.machine.cgroups import Quota
from harness.machine.cores import cores
from harness.machine.usage import SEVERAL, Reading, boot_id, cpu_of, read_tree, together


def tree() -> list[psutil.Process]:
    """This process and those below it: services that other tests share may be among them."""
    return [psutil.Process(), *psutil.Process().children(recursive=True)]


def test_memory_is_read_with_shared_pages_counted_once() -> None:
    """No more than what is resident, and not nothing."""
    reading = read_tree(memory=True)
    assert (reading.memory_kind, reading.processes) == ("pss", len(tree()))
    assert reading.memory_mb is not None
    assert 1 < reading.memory_mb <= sum(process.memory_info().rss for process in tree()) / 1e6 * 1.1


def test_which_start_it_is_does_not_depend_on_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is set, the kernel tells another moment of its boot, and so another begin of each process."""
    before = read_tree().started
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: 1.0)
    assert read_tree().started == before


def test_a_process_that_ended_meanwhile_uses_no_memory() -> None:
    """One that its parent has not waited for yet is still in the tree."""
    alone, processes = read_tree(memory=True).memory_mb, len(tree())
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        reading = read_tree(memory=True)
    assert (reading.memory_kind, reading.processes) == ("pss", processes + 1)
    assert reading.memory_mb == pytest.approx(alone, rel=0.2)


def test_a_role_says_what_it_may_use_and_where_it_runs() -> None:
    """Its cores, and the kernel under which its clock runs."""
    reading = read_tree()
    assert reading.cores == cores()
    assert reading.boot_id == boot_id()


def test_several_roles_together_may_use_the_cores_of_all() -> None:
    """Their quotas stay apart, and where they run is known only if that is one machine."""
    quota = Quota(cgroup="/a", cores=0.5, period_s=0.1, periods=1, throttled_periods=0, throttled_s=0.0)
    here = Reading(at_ns=0, cpu_s=0.0, main_cpu_s=0.0, processes=1, cores=2.0, quotas=[quota], boot_id="b")
    both = together([here, here])
    assert (both.cores, both.boot_id) == (4.0, "b")
    assert [quota.cgroup for quota in both.quotas] == ["0:/a", "1:/a"]
    far = together([here, msgspec.structs.replace(here, boot_id="c", cores=None)])
    assert (far.cores, far.boot_id) == (None, SEVERAL)


def test_clocks_are_read_again_where_the_reader_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time it took 50 ms; the second time 100 µs, in the middle of which is the stamp."""
    moments = iter([0, 50_000_000, 60_000_000, 60_100_000])
    monkeypatch.setattr(usage, "time", SimpleNamespace(monotonic_ns=lambda: next(moments), clock_gettime=float))
    assert cpu_of([psutil.Process()]).at_ns == 60_050_000


def test_a_process_that_has_ended_has_used_nothing() -> None:
    """Its clock is gone; what it used is its parent's, once that has waited for it."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        ended = psutil.Process(child.pid)
    assert cpu_of([ended]).each == [0.0]


def test_a_command_that_the_work_runs_is_the_roles_and_no_process_of_it() -> None:
    """It counts while it runs, and once it has been waited for: its parent's core was not used for it."""
    before = read_tree()
    spin = "import time\nwhile time.process_time() < 0.15: pass"
    subprocess.run([sys.executable, "-S", "-c", spin], check=True)
    after = read_tree()
    used_s, main_s = after.cpu_s - before.cpu_s, after.main_cpu_s - before.main_cpu_s
    assert used_s - main_s > 0.12  # 0.15 in ticks of 10 ms, of user and of system time
    assert after.cpu_each.keys() == before.cpu_each.keys()
    assert sum(after.cpu_each.values()) - sum(before.cpu_each.values()) < used_s - 0.1


def test_clocks_of_a_time_namespace_are_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the same kernel, whose boot id is the same: it is the same machine, and its clocks are not comparable."""
    usual = usage.boot_id()
    monkeypatch.setattr(usage, "TIME_NAMESPACE", tmp_path)
    usage.boot_id.cache_clear()
    other = usage.boot_id()
    monkeypatch.setattr(usage, "TIME_NAMESPACE", tmp_path / "an older kernel")
    usage.boot_id.cache_clear()
    older = usage.boot_id()
    usage.boot_id.cache_clear()
    assert other != usual == older
    assert usage.kernel_of(other) == usage.kernel_of(usual)


def test_workers_on_the_same_cpus_share_their_cores() -> None:
    """Containers with one set of CPUs; what runs under different kernels has no CPUs in common."""
    here = Reading(at_ns=0, cpu_s=0.0, main_cpu_s=0.0, processes=1, boot_id="b", cores=2.0, cpu_ids=[2, 3])
    both = together([here, here])
    assert (both.cores, both.cpu_ids) == (2.0, [2, 3])
    beside = together([here, msgspec.structs.replace(here, cpu_ids=[4, 5])])
    assert (beside.cores, beside.cpu_ids) == (4.0, [2, 3, 4, 5])
    far = together([here, msgspec.structs.replace(here, boot_id="c")])
    assert (far.cores, far.cpu_ids) == (4.0, [])


def test_usage_of_several_workers_is_one() -> None:
    """Sums, but the first processes' mean: each has a core of its own; what one does not know is not known."""
    one = Reading(at_ns=100, cpu_s=4.0, main_cpu_s=1.0, processes=3, memory_mb=50.0, memory_kind="pss", count=7)
    two = Reading(at_ns=300, cpu_s=6.0, main_cpu_s=3.0, processes=5, memory_mb=70.0, memory_kind="pss", count=8)
    both = together([one, two])
    assert (both.at_ns, both.cpu_s, both.main_cpu_s, both.processes) == (200, 10.0, 2.0, 8)
    assert (both.memory_mb, both.memory_kind, both.count) == (120.0, "pss", 15)
    blank = together([one, Reading(at_ns=0, cpu_s=0.0, main_cpu_s=0.0, processes=1, memory_kind="rss")])
    assert (blank.memory_mb, blank.memory_kind, blank.count) == (None, "mixed", None)
