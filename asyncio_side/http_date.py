"""asyncio: fetch a feed with aiohttp, one session for all requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from workloads.computing import compute
from workloads.side import AsyncioSide


@asynccontextmanager
async def resources(slots: int | None, connections: int) -> AsyncIterator[aiohttp.ClientSession]:
    """One session; as many connections as requests may be under way (aiohttp's own default stops at 100)."""
    connector = aiohttp.TCPConnector(limit=connections or slots or 0)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        yield session


async def http_date(session: aiohttp.ClientSession, url: str, cpu_s: float = 0.0) -> str:
    """Fetch `url`, read the whole body, compute, reply with the Date header."""
    async with session.get(url) as response:
        await response.read()
    compute(cpu_s)
    return response.headers["Date"]


SIDE = AsyncioSide(run=http_date, resources=resources, ignores=("client",))
