"""asyncio: all pages at once in a task group; one that fails cancels the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

AT_ONCE = 32  # of one request, so that a long list does not take all connections


@asynccontextmanager
async def resources(slots: int | None) -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all requests."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        yield session


async def http_fanout(session: aiohttp.ClientSession, urls: list[str]) -> list[int]:
    """Fetch all pages, reply with what each says, in their order."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def page(url: str) -> int:
        async with slots, session.get(url) as response:
            found: int = (await response.json())["mirror"]
            return found

    async with asyncio.TaskGroup() as group:
        pages = [group.create_task(page(url)) for url in urls]
    return [task.result() for task in pages]
