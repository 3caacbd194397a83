"""asyncio: cancelling raises an exception where the coroutine waits; what it has open is closed on the way out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from workloads.side import AsyncioSide


@asynccontextmanager
async def resources() -> AsyncIterator[aiohttp.ClientSession]:
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


SIDE = AsyncioSide(run=cancel, resources=resources, stop=asyncio.Task.cancel)
