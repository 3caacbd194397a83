"""asyncio: Starlette's BackgroundTask, which the server's process runs once the response has been sent."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide
from workloads.web import background


async def after_response(session: aiohttp.ClientSession, url: str) -> None:
    """Call a service."""
    async with session.get(url) as response:
        await response.json()


def start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Add the work to the response that is being made; what is returned ends when the work has, also if it fails."""
    done = asyncio.Event()

    async def run() -> None:
        try:
            await work
        finally:
            done.set()

    background.get().add_task(run)
    return asyncio.create_task(done.wait())


SIDE = AsyncioSide(run=after_response, resources=http_session, start=start)
