"""asyncio: while it waits, other coroutines run; while it computes, none does."""

import asyncio

from workloads.computing import compute
from workloads.side import AsyncioSide


async def mixed_cpu(wait_s: float, cpu_s: float) -> float:
    """Wait, then compute in the event loop's thread."""
    await asyncio.sleep(wait_s)
    return compute(cpu_s)


SIDE = AsyncioSide(run=mixed_cpu)
