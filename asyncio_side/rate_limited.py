"""asyncio: a limiter for all coroutines of the process (aiolimiter); what is refused all the same comes again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import aiohttp

from asyncio_side.http import http_session
from workloads.promises import TOO_MANY_REQUESTS, retry_after_s
from workloads.side import AsyncioSide


@dataclass
class Client:
    """What all requests share."""

    session: aiohttp.ClientSession
    limiter: AbstractAsyncContextManager[Any]


@asynccontextmanager
async def resources(allowed_per_s: float | None, burst: int) -> AsyncIterator[Client]:
    """One session, and a bucket of `burst` tokens that is filled at that rate; None: no limiter."""
    limiter: AbstractAsyncContextManager[Any] = nullcontext()
    if allowed_per_s is not None:
        from aiolimiter import AsyncLimiter

        limiter = AsyncLimiter(burst, burst / allowed_per_s)
    async with http_session() as session:
        yield Client(session, limiter)


async def rate_limited(client: Client, url: str, attempts: int) -> dict[str, Any]:
    """Call it when there is a token; after a refusal, when the service says."""
    refused = 0
    while True:
        async with client.limiter:
            pass
        try:
            async with client.session.get(url) as response:
                await response.json()
            return {"refused": refused, "executor": "this process"}
        except aiohttp.ClientResponseError as error:
            if error.status != TOO_MANY_REQUESTS or refused + 1 >= attempts:
                raise
            refused += 1
            headers: Mapping[str, str] = error.headers or {}
            await asyncio.sleep(retry_after_s(headers.get("Retry-After")) or 0.0)


SIDE = AsyncioSide(
    run=rate_limited,
    resources=resources,
    ignores=("limiter", "allowed_per_s", "burst"),
    requires=("aiolimiter",),
    extra="limits",
)
