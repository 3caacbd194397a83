"""asyncio: wait for the first good answer; cancel the others, which closes their connections."""

import asyncio

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide


async def first_response(session: aiohttp.ClientSession, urls: list[str]) -> int:
    """Return the number of the mirror that answered first."""

    async def ask(url: str) -> int:
        async with session.get(url) as response:
            mirror: int = (await response.json())["mirror"]
            return mirror

    errors: list[BaseException] = []
    asked = {asyncio.create_task(ask(url)) for url in urls}
    try:
        while asked:
            done, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            errors += [error for task in done if (error := task.exception()) is not None]
            for task in done:
                if task.exception() is None:
                    return task.result()
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    raise BaseExceptionGroup("no mirror gave a good answer", errors)


SIDE = AsyncioSide(run=first_response, resources=http_session)
