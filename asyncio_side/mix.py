"""asyncio: jobs of all kinds wait side by side; where slots are limited, they hold the same ones."""

import asyncio

from workloads.side import AsyncioSide


async def mix(seconds: float) -> float:
    """Wait for `seconds` and return them."""
    await asyncio.sleep(seconds)
    return seconds


SIDE = AsyncioSide(run=mix, ignores=("rank",))
