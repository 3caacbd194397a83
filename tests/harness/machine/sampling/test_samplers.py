"""Which tool samples, how it is called, and what is said where none may."""

import shutil
import sys
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.machine.sampling.rights import refused
from harness.machine.sampling.samplers import Sampler, sampler


def test_without_a_tool_the_command_that_installs_one_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before anything starts."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="pip install py-spy"):
        sampler()


def test_py_spy_samples_children_too_with_ids_of_threads_and_without_pausing() -> None:
    """To pause would cost the sampled process CPU."""
    command = Sampler("py-spy 1", ("/bin/py-spy",)).command(7, Path("/f"))
    assert {"--subprocesses", "--threads", "--nonblocking", "--full-filenames"} <= set(command)
    assert command[command.index("--pid") + 1] == "7"


def test_a_refusal_says_which_right_is_missing() -> None:
    """In containers and under Yama; anything else is told as it is."""
    chosen = Sampler("py-spy 1", ("py-spy",))
    text = refused(chosen, "Permission Denied: Try running again with elevated permissions")
    assert "SYS_PTRACE" in text
    assert "ptrace_scope" in text
    assert refused(chosen, "Failed to find a Python") == (
        "--profile: py-spy 1 cannot sample a process: Failed to find a Python"
    )
