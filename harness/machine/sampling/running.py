"""One tool that samples a tree of processes: started, stopped, and what it wrote; every wait has a deadline."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Self

from harness.errors import ServiceError
from harness.machine.processes import send, spawn, stop_tree
from harness.machine.sampling.samplers import Sampler
from harness.machine.thread_cpu import TreeTimes, thread_times

READY_S = 5.0
"""Until it samples."""
WRITTEN_S = 10.0
"""Until it has written what it saw."""
READY = b"ampling"
"""In the line that it prints when it begins."""
REASON_MOST = 300
NOTHING = TreeTimes(0, {})


class Sampling:
    """From `of` to `stop`; `failed` says why there is nothing."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.pid = pid
        self._process: asyncio.subprocess.Process | None = None
        self._file, self._log = folder / f"{pid}.stacks", folder / f"{pid}.said"
        self._said = b""
        self._began_s = 0.0
        self.failed: str | None = None
        self.seconds = 0.0
        """For how long it sampled."""
        self.before = NOTHING
        self.after = NOTHING
        """What the threads had used when it began, and when it ended."""

    @classmethod
    async def of(cls, sampler: Sampler, pid: int, folder: Path) -> Self:
        """Begin to sample that process and all below it; returns once it does, or could not.

        `folder`: for its files, which are removed at its end.
        """
        sampling = cls(pid, folder)
        try:
            await sampling._begin(sampler)
        except (ServiceError, OSError) as error:
            sampling.failed = str(error)
        return sampling

    async def _begin(self, sampler: Sampler) -> None:
        argv = sampler.command(self.pid, self._file)
        self._process = await spawn(argv, stdout=asyncio.subprocess.PIPE, log=self._log)
        try:
            async with asyncio.timeout(READY_S):
                await self._ready(self._process)
        except TimeoutError:
            self.failed = f"it did not begin within {READY_S:g} s"
        if self.failed is None and READY not in self._said:
            self._said += self._log.read_bytes()
            self.failed = self._reason()
        self.before, self._began_s = thread_times(self.pid), time.monotonic()

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        while READY not in self._said and process.stdout is not None and (line := await process.stdout.readline()):
            self._said += line

    def _reason(self) -> str:
        lines = [line.strip() for line in self._said.decode("utf-8", "replace").splitlines() if line.strip()]
        return (lines[0] if lines else "it ended without a word")[:REASON_MOST]

    def halt(self) -> None:
        """Sample no more: what is used from now on does not count."""
        self.after, self.seconds = thread_times(self.pid), time.monotonic() - self._began_s
        if self._process is not None:
            send(self._process, signal.SIGINT)

    async def stop(self) -> str:
        """End it; returns the folded stacks that it has written, or nothing, and `failed` says why."""
        if not self.seconds:
            self.halt()
        try:
            async with asyncio.timeout(WRITTEN_S):
                return await self._written()
        except TimeoutError:
            self.failed = self.failed or f"it did not write its stacks within {WRITTEN_S:g} s"
            return ""
        finally:
            await self.end()

    async def _written(self) -> str:
        if self._process is None or self._process.stdout is None:
            return ""
        self._said += await self._process.stdout.read()
        await self._process.wait()
        if not self._file.exists():
            self.failed = self.failed or self._reason()
            return ""
        return self._file.read_text("utf-8", "replace")

    async def end(self) -> None:
        """Whatever became of it, nothing of it is left."""
        if self._process is not None:
            await stop_tree(self._process, 0)
        self._file.unlink(missing_ok=True)
        self._log.unlink(missing_ok=True)
