"""Context switches: whoever waits is seen to, in this process and in another one, in all of its threads."""

import os
import subprocess
import sys
import threading
import time

import pytest

from harness.accounting.usage import switches_between
from harness.machine import kernel
from harness.machine.switches import Switches, switches_of

WAITS, MOST = 50, 40
"""A sleep that is over before its process gives up the core, because another one was due, is no wait."""


def wait() -> None:
    """So often."""
    for _ in range(WAITS):
        time.sleep(0.0001)


def seen(pid: int) -> Switches:
    """Those of a process, which Linux tells."""
    found = switches_of([pid])
    assert found is not None
    return found


def test_this_process_is_seen_with_threads_that_have_ended() -> None:
    """Each sleep is one, or nearly each."""
    before = seen(os.getpid())
    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    after = seen(os.getpid())
    assert after.voluntary - before.voluntary >= MOST
    assert after.involuntary >= before.involuntary


def test_another_process_is_seen_with_its_threads() -> None:
    """Those that still run; one that has ended has none."""
    program = f"import time\nfor _ in range({WAITS}): time.sleep(0.0001)\nprint(flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        assert seen(other.pid).voluntary >= MOST
        other.stdin.write("\n")
        other.stdin.flush()
        other.wait()
        assert seen(other.pid) == Switches()


def test_they_are_those_between_two_readings() -> None:
    """Unknown where one of them is; not negative where a process has ended meanwhile."""
    assert switches_between(Switches(5, 7), Switches(9, 8)) == Switches(4, 1)
    assert switches_between(Switches(5, 7), Switches(4, 8)) == Switches(0, 1)
    assert switches_between(None, Switches(1, 1)) is None


def test_those_of_another_process_are_unknown_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS; its own, each process knows."""
    monkeypatch.setattr(kernel, "PROC", False)
    assert switches_of([os.getpid(), os.getppid()]) is None
    assert seen(os.getpid()).voluntary >= 0
