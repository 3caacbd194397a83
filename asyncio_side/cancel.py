"""asyncio: cancelling raises an exception where the coroutine waits; what it has open is closed on the way out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


@asynccontextmanager
async def resources(slots: int | None) -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all requests."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        yield session


async def cancel(session: aiohttp.ClientSession, url: str, seconds: float, poll_s: float) -> int:
    """Ask again and again; reply with how often."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    asked = 0
    while loop.time() < end:
        async with session.get(url) as response:
            await response.json()
        asked += 1
        await asyncio.sleep(poll_s)
    return asked


def stop(task: asyncio.Task[Any]) -> None:
    """Whether it waits for its turn or runs."""
    task.cancel()
