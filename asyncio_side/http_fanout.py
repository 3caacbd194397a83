"""asyncio: all pages at once, in four common forms; in a task group, a page that fails cancels the others."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp

from asyncio_side.http import http_session
from workloads.promises import PAGES_AT_ONCE
from workloads.side import AsyncioSide

Page = Callable[[str], Coroutine[Any, Any, int]]


async def http_fanout(session: aiohttp.ClientSession, urls: list[str], how: str) -> list[int]:
    """Fetch all pages; return their contents in the order of `urls`."""

    async def page(url: str) -> int:
        async with session.get(url) as response:
            found: int = (await response.json())["mirror"]
            return found

    return await FORMS[how](page, urls)


async def semaphore(page: Page, urls: list[str]) -> list[int]:
    """One task per page, of which a limited number run at once."""
    slots = asyncio.Semaphore(PAGES_AT_ONCE)

    async def in_turn(url: str) -> int:
        async with slots:
            return await page(url)

    return await task_group(in_turn, urls)


async def task_group(page: Page, urls: list[str]) -> list[int]:
    """One task per page, without a limit."""
    async with asyncio.TaskGroup() as group:
        pages = [group.create_task(page(url)) for url in urls]
    return [task.result() for task in pages]


async def gather(page: Page, urls: list[str]) -> list[int]:
    """The same, but if one page fails, the others go on and their results are dropped."""
    return list(await asyncio.gather(*(page(url) for url in urls)))


async def queue(page: Page, urls: list[str]) -> list[int]:
    """A limited number of workers, which take one page after another from a queue."""
    waiting: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
    for item in enumerate(urls):
        waiting.put_nowait(item)
    found = [0] * len(urls)

    async def worker() -> None:
        while not waiting.empty():
            number, url = waiting.get_nowait()
            found[number] = await page(url)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(PAGES_AT_ONCE, len(urls))):
            group.create_task(worker())
    return found


FORMS = {"semaphore": semaphore, "task_group": task_group, "gather": gather, "queue": queue}


SIDE = AsyncioSide(run=http_fanout, resources=http_session)
