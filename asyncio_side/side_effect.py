"""asyncio: call a service, work on, report the end."""

import asyncio

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide


async def side_effect(session: aiohttp.ClientSession, url: str, seconds: float) -> str:
    """Have it happen; return its number when the work is done."""
    async with session.get(url) as response:
        await response.json()
    await asyncio.sleep(seconds)
    async with session.get(f"{url}-end") as response:
        await response.json()
    return url.rpartition(".")[2]


SIDE = AsyncioSide(run=side_effect, resources=http_session)
