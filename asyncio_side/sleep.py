"""asyncio: wait without holding up anybody else."""

import asyncio

from workloads.side import AsyncioSide


async def sleep(seconds: float) -> float:
    """Wait `seconds`, reply with them."""
    await asyncio.sleep(seconds)
    return seconds


SIDE = AsyncioSide(run=sleep)
