"""What has run out on this machine is named, with the limits that may be why."""

import asyncio
import errno
import sys
import threading
from pathlib import Path

import pytest

from harness.cli.last_resort import as_internal_error
from harness.errors import ServiceError, WriteError
from harness.machine import limits, threads
from harness.machine.limits import KernelKills, exhausted, unwritable
from harness.machine.processes import last_error, spawn


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "pids_limit", lambda: 30)
    monkeypatch.setattr(limits, "memory_limit_mb", lambda: 168.0)


@pytest.mark.parametrize(
    "error", [RuntimeError("can't start new thread"), BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")]
)
def test_threads_and_processes_run_out(error: Exception) -> None:
    """By the cgroup's limit, the user's, or memory."""
    reason = exhausted(error)
    assert reason is not None
    assert reason.startswith(f"this machine starts no further thread or process ({error}); its limits: 30 threads and")
    assert "168 MB in its cgroup (docker run --memory)" in reason


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")])
def test_memory_runs_out(error: Exception) -> None:
    """As under `ulimit -v`."""
    reason = exhausted(error)
    assert reason is not None
    assert reason.startswith("this machine grants no more memory; its limits: 168 MB in its cgroup")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_files_run_out(number: int) -> None:
    """Those of the process, or of the machine."""
    assert "opens no further file or connection; its limits: " in (exhausted(OSError(number, "Too many")) or "")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "there"), "there cannot be written: No space left"),
        (OSError(errno.EROFS, "Read-only file system"), "a file cannot be written: Read-only file system. Make room"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), "Set TMPDIR to one"),
    ],
)
def test_a_disk_that_is_full_or_takes_nothing_is_no_defect(error: OSError, said: str) -> None:
    """The command ends with 1, as where a report cannot be written."""
    with pytest.raises(WriteError, match=said), as_internal_error():
        raise error


@pytest.mark.parametrize("error", [RuntimeError("no"), OSError(errno.ENOENT, "gone"), ValueError("can't start")])
def test_other_errors_are_about_something_else(error: Exception) -> None:
    """A defect stays one."""
    assert exhausted(error) is None
    assert unwritable(error) is None


async def test_a_thread_or_process_that_does_not_start_is_a_service_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the reason, as for a service."""

    def refuse(*_args: object, **_options: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ServiceError, match="starts no further thread or process"):
        await threads.in_thread(int)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    with pytest.raises(ServiceError, match="starts no further thread or process"):
        await spawn(["true"])


@pytest.mark.parametrize("file", ["sys/fs/cgroup/memory.events", "proc/vmstat"])
def test_the_kernels_kills_are_told_from_others(tmp_path: Path, file: str) -> None:
    """By its count: in the cgroup, or on the whole machine where a cgroup has none."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    if "cgroup" in file:
        (tmp_path / "proc/self/cgroup").write_text("0::/\n")
        mounted = "30 29 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
        (tmp_path / "proc/self/mountinfo").write_text(mounted)
    counted = tmp_path / file
    counted.write_text("oom 4\noom_kill 3\n")
    kills = KernelKills(tmp_path)
    assert kills.why() == ""
    counted.write_text("oom 5\noom_kill 4\n")
    assert kills.why() == ", by the kernel, because memory was used up: 168 MB in its cgroup (docker run --memory)"


async def test_children_are_killed_before_the_session(tmp_path: Path) -> None:
    """Which can then say why its trial failed."""
    script = "print(open('/proc/self/oom_score_adj').read().strip())"
    child = await spawn([sys.executable, "-I", "-S", "-c", script], stdout=asyncio.subprocess.PIPE)
    written, _ = await child.communicate()
    assert int(written) == 500


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("a banner\nTraceback:\n  File x\nOSError: [Errno 28] No space left\n", ": OSError: [Errno 28] No space left"),
        ("    SemLock(\nOSError: [Errno 30] Read-only\n", ": OSError: [Errno 30] Read-only (shared memory, /dev/shm)"),
        (
            "redis.exceptions.NoPermissionError: No permissions\n",
            ": redis.exceptions.NoPermissionError: No permissions",
        ),
        ("worker: Warm shutdown (MainProcess)\n", ""),
        ("[2026] WARNING: a task failed: ValueError: x\n", ""),
    ],
)
def test_the_exception_that_ended_a_process_is_its_reason(tmp_path: Path, log: str, said: str) -> None:
    """Not what it logged before of a task."""
    (tmp_path / "log").write_text(log)
    assert last_error(tmp_path / "log") == said
    assert last_error(tmp_path / "none") == ""
