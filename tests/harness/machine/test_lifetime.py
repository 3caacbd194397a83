"""A process is known by its boot, its namespace, its id and its start; of another machine, nothing is known."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.machine.lifetime import is_dead, owner


def test_this_process_lives() -> None:
    """Whatever else has had its id."""
    assert not is_dead(owner())
    boot, namespace, pid, _started = owner().split()
    assert is_dead(f"{boot} {namespace} {pid} 1")


def test_one_that_has_ended_is_dead() -> None:
    """Also before another one gets its id."""
    script = "from harness.machine.lifetime import owner; print(owner())"
    root = str(Path(__file__).parents[3])
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    assert is_dead(ended.stdout.strip())


@pytest.mark.parametrize(
    "text",
    ["", "another-boot 1 2 3", f"{owner().split()[0]} 1 {os.getpid()} 3", "a", owner().replace(" ", "")],
    ids=["nothing", "another boot", "another container", "one word", "no spaces"],  # the same in every test process
)
def test_what_cannot_be_known_is_not_dead(text: str) -> None:
    """On another machine, in another container, or written by something else."""
    assert not is_dead(text)
