"""An origin is known by what it says of itself, not by its address."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from harness.errors import ServiceError
from harness.services.origin import Origin, origin_url, recognised
from origin.counters import Counters
from origin.diary import Diary
from origin.limits import Limits
from origin.server import application

Serve = Callable[[web.Application], Any]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves an application in this process; returns its URL."""
    servers: list[TestServer] = []

    async def started(app: web.Application) -> str:
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("")).rstrip("/")

    yield started
    for server in servers:
        await server.close()


def saying(**said: Any) -> web.Application:
    """A service that says so of itself."""

    async def workbench(request: web.Request) -> web.Response:
        known = {"service": "workbench-origin", "protocol": 1, "version": "9", "seed": 1, "processes": 1}
        return web.json_response(known | {"effective": {}, "not_taken": []} | said)

    app = web.Application()
    app.add_routes([web.options("/workbench", workbench)])
    return app


async def test_the_workbenchs_own_origin_is_recognised(serve: Serve) -> None:
    """With the seed and the processes that it was started with."""
    url = await serve(application(0, Counters(3), Diary(), Limits(), os.getpid(), 17))
    identity = await asyncio.to_thread(recognised, origin_url(url + "/"))
    assert identity is not None
    assert (identity.seed, identity.processes) == (17, 3)


@pytest.mark.parametrize("app", [web.Application(), saying(service="other"), saying(protocol="1")])
async def test_another_service_is_not(serve: Serve, app: web.Application) -> None:
    """Whatever it answers to the question."""
    assert await asyncio.to_thread(recognised, origin_url(await serve(app))) is None


async def test_an_origin_of_another_protocol_is_an_error(serve: Serve) -> None:
    """It may take a parameter for another."""
    with pytest.raises(ServiceError, match=r"version 9 .* Use the same version"):
        await asyncio.to_thread(recognised, origin_url(await serve(saying(protocol=99))))


async def test_a_service_that_accepts_and_never_answers_is_no_origin() -> None:
    """It is waited for no longer than a moment; where nothing listens, that is an error."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ServiceError, match="could not be reached"):
            await asyncio.to_thread(recognised, origin_url(url))
        listener.listen()
        assert await asyncio.to_thread(recognised, origin_url(url), 0.05) is None


async def test_a_parameter_that_the_origin_would_use_otherwise_is_an_error(serve: Serve) -> None:
    """Asked of the origin itself: by an older one, or behind a proxy that drops queries."""
    asked = {"latency_ms": 5.5, "latency": "lognormal", "fail": 0.25}
    url = await serve(application(0, Counters(1), Diary(), Limits(), os.getpid(), 1))
    await Origin(origin_url(url), None, None, ours=True).check_effective(asked)
    told = asked | {"latency_ms": 0.0}
    deaf = Origin(origin_url(await serve(saying(effective=told))), None, None, ours=True)
    with pytest.raises(ServiceError, match=r"does not take latency_ms=5.5: it would use latency_ms=0.0"):
        await deaf.check_effective(asked)
    with pytest.raises(ServiceError, match="did not say"):
        await Origin(origin_url(url), None, None, ours=True).check_effective({"latency_ms": -1})


async def test_nothing_is_asked_of_another_service(serve: Serve) -> None:
    """It takes nothing anyway, which the rows say."""
    url = await serve(saying(effective={}))
    await Origin(origin_url(url), None, None, ours=False).check_effective({"latency_ms": 5.5})
