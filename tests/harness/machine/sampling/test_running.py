"""A tool that samples: whatever becomes of it, what it wrote is read or the reason is kept, and nothing is left."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from harness.machine.sampling import running
from harness.machine.sampling.running import Sampling
from harness.machine.sampling.samplers import Sampler
from tests.running import ended

WRITES = """
import signal, sys, time
def write(*_):
    open(sys.argv[sys.argv.index("--output") + 1], "w").write("a;b 3")
    sys.exit()
signal.signal(signal.SIGINT, write)
print("Sampling process", flush=True)
time.sleep(20)
"""
REFUSES = "import sys; sys.stderr.write('Permission Denied: Try running again\\n'); sys.exit(1)"
SILENT = "import time; time.sleep(20)"
STUBBORN = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('Sampling', flush=True); {SILENT}"


def sampled(program: str, folder: Path) -> tuple[Sampling, str]:
    """This process, sampled by a program in the tool's place."""

    async def run() -> tuple[Sampling, str]:
        tool = Sampler("a tool", (sys.executable, "-S", "-c", program))
        sampling = await Sampling.of(tool, os.getpid(), folder)
        return sampling, await sampling.stop()

    sampling, text = asyncio.run(run())
    assert sampling._process is not None
    assert ended(sampling._process.pid)
    assert list(folder.iterdir()) == []
    return sampling, text


def test_what_it_wrote_is_read_with_what_the_threads_used(tmp_path: Path) -> None:
    """Between its beginning and its end."""
    sampling, text = sampled(WRITES, tmp_path)
    assert (sampling.failed, text) == (None, "a;b 3")
    assert sampling.seconds > 0
    assert sampling.after.threads[os.getpid()].cpu_s >= sampling.before.threads[os.getpid()].cpu_s
    assert sampling.after.processes > 0


def test_a_refusal_is_kept(tmp_path: Path) -> None:
    """With its own first line."""
    sampling, text = sampled(REFUSES, tmp_path)
    assert (sampling.failed, text) == ("Permission Denied: Try running again", "")


@pytest.mark.parametrize(("program", "reason"), [(SILENT, "did not begin"), (STUBBORN, "did not write")])
def test_one_that_hangs_is_ended(program: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a deadline each."""
    monkeypatch.setattr(running, "READY_S", 0.5 if program == SILENT else 10.0)
    monkeypatch.setattr(running, "WRITTEN_S", 0.05)
    sampling, text = sampled(program, tmp_path)
    assert reason in (sampling.failed or "")
    assert text == ""
