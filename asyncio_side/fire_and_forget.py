"""asyncio: a task that nobody awaits, kept referenced until it is done."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide

LEFT_S = 5.0  # running tasks may finish before their session is closed
background: set[asyncio.Task[Any]] = set()
"""The event loop itself keeps only weak references."""


@asynccontextmanager
async def resources() -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all requests."""
    async with http_session() as opened:
        yield opened
        if background:
            await asyncio.wait(background, timeout=LEFT_S)


async def fire_and_forget(session: aiohttp.ClientSession, url: str, query: str) -> None:
    """Call a service."""
    async with session.get(f"{url}?{query}") as response:
        await response.json()


def start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start the work as a background task; the caller does not wait for it."""
    task = asyncio.create_task(work)
    background.add(task)
    task.add_done_callback(background.discard)
    return task


SIDE = AsyncioSide(run=fire_and_forget, resources=resources, start=start, ignores=("result",))
