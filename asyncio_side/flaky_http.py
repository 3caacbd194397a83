"""asyncio: each attempt under asyncio.timeout, made again by tenacity."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from tenacity import AsyncRetrying, RetryError, retry_if_exception, stop_after_attempt, wait_random_exponential

from workloads.side import AsyncioSide

TOO_MANY = 429


def may_pass(error: BaseException) -> bool:
    """Whether another attempt may go better."""
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status >= 500 or error.status == TOO_MANY
    return isinstance(error, aiohttp.ClientError | TimeoutError | ValueError)  # a JSONDecodeError is a ValueError


@asynccontextmanager
async def resources(slots: int | None) -> AsyncIterator[aiohttp.ClientSession]:
    """One session for all requests."""
    connector = aiohttp.TCPConnector(limit=slots or 0)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        yield session


async def flaky_http(
    session: aiohttp.ClientSession, url: str, attempts: int, limit_s: float, backoff_s: float
) -> dict[str, Any]:
    """Ask until there is a good answer; reply with it and the attempts that it took."""
    retrying = AsyncRetrying(
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=backoff_s),
        retry=retry_if_exception(may_pass),
    )
    try:
        async for attempt in retrying:
            with attempt:
                number = attempt.retry_state.attempt_number
                async with asyncio.timeout(limit_s), session.get(f"{url}&attempt={number}") as response:
                    return {"status": (await response.json())["status"], "attempts": number}
    except RetryError:
        pass
    return {"status": "gave up", "attempts": attempts}


SIDE = AsyncioSide(run=flaky_http, resources=resources)
