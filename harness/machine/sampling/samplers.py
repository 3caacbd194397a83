"""The tool that samples the stacks of other processes, py-spy, and where it is."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from harness.errors import UsageError

RATE_HZ = 100
LIMIT_S = 15.0
INSTALL = "--profile needs py-spy, which is not installed: pip install py-spy"


class Sampler(NamedTuple):
    """A tool, as it is called."""

    name: str
    """With its version."""
    argv: tuple[str, ...]
    """What its options for a process are added to."""

    def command(self, pid: int, file: Path) -> list[str]:
        """Sample a process and all below it until SIGINT, then write its folded stacks with the ids of threads.

        Without pausing the processes, which would cost them CPU for each sample and each of their threads.
        """
        options = ["--nonblocking", "--subprocesses", "--threads", "--function", "--full-filenames"]
        rate = ["--rate", str(RATE_HZ), "--format", "raw"]
        return [*self.argv, "record", "--pid", str(pid), *options, *rate, "--output", str(file)]


def sampler() -> Sampler:
    """py-spy, beside this Python or on PATH; raises UsageError with the command that installs it.

    Python 3.15's own profiling.sampling writes folded stacks with the names of files alone, without their folders, so
    that nobody can tell a package by them.
    """
    beside = Path(sys.executable).with_name("py-spy")
    found = str(beside) if beside.exists() else shutil.which("py-spy")
    if found is None:
        raise UsageError(INSTALL)
    return Sampler(_version(found), (found,))


def _version(executable: str) -> str:
    """`py-spy 0.4.3`."""
    try:
        done = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"--profile: {executable} cannot be run: {error}") from None
    return done.stdout.strip()
