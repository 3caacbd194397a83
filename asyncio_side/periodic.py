"""asyncio: the next time is counted from the last due time, so that lateness does not add up."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from workloads.side import AsyncioSide

LIMIT = aiohttp.ClientTimeout(total=10)  # one that hangs must not end the rhythm
log = logging.getLogger(__name__)


@asynccontextmanager
async def resources() -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all requests."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        yield session


async def periodic(session: aiohttp.ClientSession, url: str, every_s: float) -> None:
    """Ask until cancelled; where one takes longer than the period, the times missed are left out."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            async with session.get(url, timeout=LIMIT) as response:
                await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:  # it comes again
            log.warning("%s: %r", url, error)
        due += every_s * max(1, -(-(loop.time() - due) // every_s))
        await asyncio.sleep(due - loop.time())


SIDE = AsyncioSide(run=periodic, resources=resources, stop=asyncio.Task.cancel)
