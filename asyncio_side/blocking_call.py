"""asyncio: three ways to call a blocking library; calling it in the coroutine is the wrong one."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context

from workloads.promises import THREADS
from workloads.side import AsyncioSide


def library(seconds: float) -> float:
    """Stands for a call that blocks, and releases the GIL while it waits."""
    time.sleep(seconds)
    return seconds


@asynccontextmanager
async def open_pool(slots: int | None, how: str, threads: int) -> AsyncIterator[Executor]:
    """One process or thread per slot; by default, `asyncio.to_thread` uses an executor with CPUs + 4 threads."""
    executor: Executor
    if how == "process":
        executor = ProcessPoolExecutor(slots or 4 * (os.cpu_count() or 1), get_context("forkserver"))
    else:
        executor = ThreadPoolExecutor(threads or slots or THREADS)
        asyncio.get_running_loop().set_default_executor(executor)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)  # nothing waits for the remaining calls


async def blocking_call(pool: Executor, seconds: float, how: str) -> float:
    """Call the library in the coroutine (which blocks the event loop), in a thread, or in a process."""
    if how == "inline":
        return library(seconds)
    if how == "to_thread":
        return await asyncio.to_thread(library, seconds)
    return await asyncio.get_running_loop().run_in_executor(pool, library, seconds)


SIDE = AsyncioSide(run=blocking_call, resources=open_pool)
