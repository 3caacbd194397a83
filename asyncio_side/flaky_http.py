"""asyncio: each attempt runs under asyncio.timeout; tenacity retries it."""

import asyncio
import random
from json import JSONDecodeError
from typing import Any

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_exception, stop_after_attempt

from asyncio_side.http import http_session
from workloads.promises import most_backoff_s, status_may_pass
from workloads.side import AsyncioSide

NO_ANSWER = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)
BAD_ANSWER = (aiohttp.ContentTypeError, JSONDecodeError, UnicodeDecodeError)


def may_pass(error: BaseException) -> bool:
    """Whether another attempt may succeed."""
    if isinstance(error, BAD_ANSWER):
        return True
    if isinstance(error, aiohttp.ClientResponseError):
        return status_may_pass(error.status)
    return isinstance(error, NO_ANSWER) and not isinstance(error, aiohttp.ClientSSLError)


async def flaky_http(
    session: aiohttp.ClientSession, url: str, attempts: int, limit_s: float, backoff_s: float
) -> dict[str, Any]:
    """Retry until there is a good answer; return it with the number of attempts."""

    def backoff(state: RetryCallState) -> float:
        return random.uniform(0, most_backoff_s(backoff_s, state.attempt_number))

    retrying = AsyncRetrying(stop=stop_after_attempt(attempts), wait=backoff, retry=retry_if_exception(may_pass))
    try:
        async for attempt in retrying:
            with attempt:
                number = attempt.retry_state.attempt_number
                async with asyncio.timeout(limit_s), session.get(f"{url}&attempt={number}") as response:
                    return {"status": (await response.json())["status"], "attempts": number}
    except RetryError:  # all attempts failed, and the reply says so
        pass
    return {"status": "gave up", "attempts": attempts}


SIDE = AsyncioSide(run=flaky_http, resources=http_session)
