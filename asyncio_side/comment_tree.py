"""asyncio: a coroutine that calls itself, once for each child, all at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from workloads.side import AsyncioSide

CONNECTIONS = 512  # a tree may be wider than a process may have files open


@asynccontextmanager
async def resources() -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all requests."""
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        yield session


async def comment_tree(session: aiohttp.ClientSession, base_url: str, comment: str, query: str) -> int:
    """Count a comment with all below it."""
    async with session.get(f"{base_url}{comment}{query}") as response:
        children = (await response.json())["children"]
    async with asyncio.TaskGroup() as group:
        below = [group.create_task(comment_tree(session, base_url, child, query)) for child in children]
    return 1 + sum(task.result() for task in below)


SIDE = AsyncioSide(run=comment_tree, resources=resources)
