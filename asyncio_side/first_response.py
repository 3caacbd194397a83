"""asyncio: wait for the first that is done; cancel the others, which closes their connections."""

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


async def first_response(session: aiohttp.ClientSession, urls: list[str]) -> int:
    """Reply with the mirror that answered first."""

    async def ask(url: str) -> int:
        async with session.get(url) as response:
            mirror: int = (await response.json())["mirror"]
            return mirror

    asked = {asyncio.create_task(ask(url)) for url in urls}
    try:
        while asked:
            done, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            good = [task for task in done if task.exception() is None]
            if good:
                return good[0].result()
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    raise RuntimeError("no mirror gave a good answer")


SIDE = AsyncioSide(run=first_response, resources=resources)
