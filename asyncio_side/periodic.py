"""asyncio: the next due time is computed from the last one, so that delays do not accumulate."""

import asyncio
import logging

import aiohttp

from asyncio_side.http import http_session
from workloads.promises import RHYTHM_ANSWER_S
from workloads.side import AsyncioSide

LIMIT = aiohttp.ClientTimeout(total=RHYTHM_ANSWER_S)
log = logging.getLogger(__name__)


async def periodic(session: aiohttp.ClientSession, url: str, every_s: float) -> None:
    """Call `url` every `every_s` seconds until cancelled; if a call takes longer, the missed ones are skipped."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            async with session.get(url, timeout=LIMIT) as response:
                await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:  # the next call follows
            log.warning("%s: %r", url, error)
        due += every_s * max(1, -(-(loop.time() - due) // every_s))
        await asyncio.sleep(due - loop.time())


SIDE = AsyncioSide(run=periodic, resources=http_session, stop=asyncio.Task.cancel)
