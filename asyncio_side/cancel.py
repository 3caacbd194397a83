"""asyncio: cancelling raises an exception where the coroutine waits, so its context managers close what is open."""

import asyncio

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide


async def cancel(session: aiohttp.ClientSession, url: str, seconds: float, poll_s: float) -> int:
    """Poll `url` for `seconds`; return how often it was called."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    asked = 0
    while loop.time() < end:
        async with session.get(url) as response:
            await response.json()
        asked += 1
        await asyncio.sleep(poll_s)
    return asked


SIDE = AsyncioSide(run=cancel, resources=http_session, stop=asyncio.Task.cancel)
