"""asyncio: what to do with a library that blocks, and what not."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property
from multiprocessing import get_context

from workloads.side import AsyncioSide

THREADS = 64  # where slots are unbounded; asyncio's own default is CPUs + 4


def library(seconds: float) -> float:
    """Stands for a call that blocks, and gives the GIL back while it waits."""
    time.sleep(seconds)
    return seconds


class Pools:
    """Threads and processes, each made when it is first needed."""

    def __init__(self, slots: int | None, threads: int) -> None:
        self._slots = slots
        self._threads = threads

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        """As many as slots, unless the number is given."""
        return ThreadPoolExecutor(self._threads or self._slots or THREADS)

    @cached_property
    def processes(self) -> ProcessPoolExecutor:
        """As many as slots; without a number of them, four a core."""
        size = self._slots or 4 * (os.cpu_count() or 1)
        return ProcessPoolExecutor(size, get_context("forkserver"))

    def shutdown(self) -> None:
        """Without waiting for what nobody waits for any more."""
        for pool in ("threads", "processes"):
            if pool in self.__dict__:
                getattr(self, pool).shutdown(wait=False, cancel_futures=True)


@asynccontextmanager
async def resources(slots: int | None, threads: int) -> AsyncIterator[Pools]:
    """Both pools, for all requests."""
    pools = Pools(slots, threads)
    try:
        yield pools
    finally:
        pools.shutdown()


async def blocking_call(pools: Pools, seconds: float, how: str) -> float:
    """Call the library in the coroutine (which stops the loop), in a thread, or in a process."""
    if how == "inline":
        return library(seconds)
    pool = pools.threads if how == "to_thread" else pools.processes
    return await asyncio.get_running_loop().run_in_executor(pool, library, seconds)


SIDE = AsyncioSide(run=blocking_call, resources=resources)
