"""A deadline for what is awaited, which loses no cancellation."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def in_time(limit_s: float, work: Awaitable[T]) -> T:
    """What `work` gives; raises TimeoutError, and cancels it, where that takes longer.

    `asyncio.wait_for` of Python 3.11 gives a result that has just come instead of raising CancelledError, so that who
    asks again and again goes on; `asyncio.timeout` raises none in a task that is being cancelled, before 3.11.3.
    """
    asked = asyncio.ensure_future(work)
    try:
        await asyncio.wait({asked}, timeout=limit_s)
        came = asked.done()
    finally:
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    if not came:
        raise TimeoutError
    return asked.result()
