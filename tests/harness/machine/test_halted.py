"""Processes that a signal has stopped are seen, whichever of a tree they are, until they go on."""

import asyncio
import os
import signal

import psutil

from harness.machine.halted import halt_of, halted
from harness.machine.processes import python, spawn, stop_tree

SLEEPS = "import time; print(1, flush=True); time.sleep(60)"
WITH_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPS!r}])"


def test_a_stopped_process_of_a_tree_is_named_until_it_goes_on() -> None:
    """The root, or one below it."""

    async def main() -> None:
        process = await spawn(python("-c", WITH_CHILD), stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        await process.stdout.readline()
        try:
            assert halted(process.pid) == []
            (child,) = [below.pid for below in psutil.Process(process.pid).children()]
            os.kill(child, signal.SIGSTOP)
            while not (found := halted(process.pid)):
                await asyncio.sleep(0)
            assert found == [child]
            assert halt_of(process.pid, "it") == f"process {child} of it was stopped by a signal (SIGSTOP)"
            os.kill(child, signal.SIGCONT)
            while halted(process.pid):
                await asyncio.sleep(0)
        finally:
            await stop_tree(process, 0)

    asyncio.run(main())


def test_nothing_is_known_of_a_process_that_has_ended_or_never_was() -> None:
    """Neither is stopped."""
    assert halted(None) == []
    assert halted(2**22 + 1) == []
    assert halt_of(None, "it") is None
