"""asyncio: a coroutine that calls itself for all children at once."""

import asyncio

import aiohttp

from asyncio_side.http import limited_http_session
from workloads.promises import TREE_CONNECTIONS
from workloads.side import AsyncioSide


def session_of_trees() -> aiohttp.ClientSession:
    """One session for all requests."""
    return limited_http_session(TREE_CONNECTIONS)


async def comment_tree(session: aiohttp.ClientSession, base_url: str, comment: str, query: str) -> int:
    """Count a comment and all comments below it."""
    async with session.get(f"{base_url}{comment}{query}") as response:
        children = (await response.json())["children"]
    async with asyncio.TaskGroup() as group:
        below = [group.create_task(comment_tree(session, base_url, child, query)) for child in children]
    return 1 + sum(task.result() for task in below)


SIDE = AsyncioSide(run=comment_tree, resources=session_of_trees)
