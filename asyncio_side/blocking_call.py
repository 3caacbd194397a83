"""asyncio: what to do with a library that blocks, and what not."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context, parent_process

THREADS = 64  # where slots are unbounded; asyncio's own default is CPUs + 4


def library(seconds: float) -> float:
    """Stands for a call that blocks, and gives the GIL back while it waits."""
    time.sleep(seconds)
    return seconds


def end_with_parent() -> None:
    """In a process of the pool: it must not outlive who made it, however that ended."""

    def wait() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class Pools:
    """Threads and processes, each made when it is first needed."""

    def __init__(self, slots: int | None, threads: int) -> None:
        self.threads = ThreadPoolExecutor(threads or slots or THREADS)
        size = min(slots or 8, 4 * (os.cpu_count() or 1))
        self.processes = ProcessPoolExecutor(size, get_context("forkserver"), initializer=end_with_parent)


@asynccontextmanager
async def resources(slots: int | None, threads: int) -> AsyncIterator[Pools]:
    """Shut down without waiting for what nobody waits for any more."""
    pools = Pools(slots, threads)
    try:
        yield pools
    finally:
        pools.threads.shutdown(wait=False, cancel_futures=True)
        pools.processes.shutdown(wait=False, cancel_futures=True)


async def blocking_call(pools: Pools, seconds: float, how: str) -> float:
    """Call the library in the coroutine (which stops the loop), in a thread, or in a process."""
    if how == "inline":
        return library(seconds)
    pool = pools.threads if how == "to_thread" else pools.processes
    return await asyncio.get_running_loop().run_in_executor(pool, library, seconds)
