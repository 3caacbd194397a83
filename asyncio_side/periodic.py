"""asyncio: the next time is counted from the last due time, so that lateness does not add up."""

import asyncio
import logging

import aiohttp

from asyncio_side.http import http_session
from workloads.promises import RHYTHM_ANSWER_S
from workloads.side import AsyncioSide

LIMIT = aiohttp.ClientTimeout(total=RHYTHM_ANSWER_S)
log = logging.getLogger(__name__)


async def periodic(session: aiohttp.ClientSession, url: str, every_s: float) -> None:
    """Ask until cancelled; where one takes longer than the period, the times missed are left out."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            async with session.get(url, timeout=LIMIT) as response:
                await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:  # it comes again
            log.warning("%s: %r", url, error)
        due += every_s * max(1, -(-(loop.time() - due) // every_s))
        await asyncio.sleep(due - loop.time())


SIDE = AsyncioSide(run=periodic, resources=http_session, stop=asyncio.Task.cancel)
