"""A process ends with its parent, also on a system whose kernel has no signal for that."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.machine.processes import GUARD
from tests.running import ended

WITHOUT_SIGNAL = str(Path(__file__).parents[2] / "elsewhere" / "sitecustomize.py")
COMMAND = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
STARTS_COMMAND = """
import os, subprocess, sys
*guard, command = sys.argv[1:]
subprocess.run([sys.executable, "-I", "-S", *guard, str(os.getpid()), sys.executable, "-S", "-c", command])
"""
SAYS_ITS_CHILDREN = """
import os, time
os.write(1, open("/proc/thread-self/children").read().encode() or b"none")
os.close(1)
time.sleep(600)
"""
FORKS = """
import os, time
from harness.machine import guard
guard.prctl = None
parent = os.getpid()
if not os.fork():
    guard.die_with_parent(parent)
    print(os.getpid(), flush=True)
time.sleep(600)
"""


def child_of(*argv: str) -> int:
    """The id that the child of a Python prints, once that Python was killed."""
    with subprocess.Popen([sys.executable, *argv], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    return pid


@pytest.mark.parametrize("guard", [[GUARD], [WITHOUT_SIGNAL, GUARD]], ids=["with the signal", "without it"])
def test_a_command_ends_with_the_process_that_started_it(guard: list[str]) -> None:
    """Without the signal, a process looks after both, which ends too."""
    assert ended(child_of("-S", "-c", STARTS_COMMAND, *guard, COMMAND))


def test_a_forked_process_ends_with_its_parent_without_the_signal() -> None:
    """A thread looks after that."""
    assert ended(child_of("-c", FORKS))


def test_who_looks_after_a_command_is_none_of_its_children_and_keeps_nothing_open() -> None:
    """Else it would be counted with what is measured, and whoever reads the command's output would wait for it."""
    argv = [sys.executable, "-I", "-S", WITHOUT_SIGNAL, GUARD, str(os.getpid()), sys.executable, "-S", "-c"]
    with subprocess.Popen([*argv, SAYS_ITS_CHILDREN], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert command.stdout.read() == "none"
        assert command.poll() is None
        command.kill()
