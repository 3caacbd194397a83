"""Ends a task for sure, whatever it makes of a cancellation."""

import asyncio
from typing import Any

AGAIN_S = 0.5


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel it until it has ended: redis-py swallows a cancellation that comes together with a reply."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=AGAIN_S)
