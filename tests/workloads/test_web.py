"""Starlette on uvicorn, in this process: a response does not wait for what it leaves behind."""

import asyncio

import aiohttp
import pytest

from asyncio_side.after_response import start
from workloads.web import served

pytest.importorskip("starlette", reason="no Starlette: pip install 'celery-or-asyncio-workbench[asgi]'")


async def test_the_response_comes_while_the_work_waits() -> None:
    """Starlette runs it once the response has been sent; the server's end waits for it."""
    may_end, done = asyncio.Event(), []

    async def work(key: str) -> None:
        await may_end.wait()
        done.append(key)

    started: list[asyncio.Task[object]] = []
    async with served(lambda key: started.append(start(work(key)))) as url, aiohttp.ClientSession(url) as client:
        async with client.get("/") as plain:
            assert plain.status == 200
        for key in "ab":
            async with client.post(f"/{key}") as response:
                assert response.status == 202
        assert done == []
        may_end.set()
    assert sorted(done) == ["a", "b"]
    await asyncio.gather(*started)


async def test_what_stands_for_work_ends_when_the_work_fails(caplog: pytest.LogCaptureFixture) -> None:
    """Its caller has had a good response by then; uvicorn logs the failure."""

    async def work() -> None:
        raise LookupError("the mail server has gone")

    started: list[asyncio.Task[object]] = []
    async with served(lambda _key: started.append(start(work()))) as url, aiohttp.ClientSession(url) as client:
        async with client.post("/a") as response:
            assert response.status == 202
        async with asyncio.timeout(5):
            await asyncio.gather(*started)
    assert "the mail server has gone" in caplog.text
