"""asyncio: fetch a feed with aiohttp, one session for all requests."""

import aiohttp

from asyncio_side.http import limited_http_session
from workloads.computing import compute
from workloads.side import AsyncioSide


async def http_date(session: aiohttp.ClientSession, url: str, cpu_s: float = 0.0) -> str:
    """Fetch `url`, read the whole body, compute; return the Date header."""
    async with session.get(url) as response:
        await response.read()
    compute(cpu_s)
    return response.headers["Date"]


SIDE = AsyncioSide(run=http_date, resources=limited_http_session, ignores=("client",))
