"""asyncio: wait without blocking other coroutines."""

import asyncio

from workloads.side import AsyncioSide


async def sleep(seconds: float) -> float:
    """Wait for `seconds` and return them."""
    await asyncio.sleep(seconds)
    return seconds


SIDE = AsyncioSide(run=sleep)
