"""Both sides keep the same promises for the same workload: time limits, redirects, further attempts, connections."""

import asyncio
import contextlib
import inspect
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import aiohttp
import pytest
import pytest_asyncio
import urllib3
from celery.backends.base import DisabledBackend

from celery_side.app import app
from celery_side.http import pool_manager
from harness import registry
from harness.contenders.sides.declaration import asyncio_side as declared_coroutine
from harness.contenders.sides.declaration import celery_side as declared_task
from harness.contenders.sides.declaration import ignoring
from harness.services.origin import open_origin
from tests.celery_side.test_http import answering, service
from workloads.workload import Payload, Services, Workload

HTTP = [name for name in registry.names("workload") if "origin" in registry.load("workload", name).needs]
QUICKLY: dict[str, dict[str, Any]] = {
    "cancel": {"seconds": 0.05, "poll_ms": 10.0},
    "comment_tree": {"depth": 0},
    "download": {"mib": 0.01},
    "flaky_http": {"fail": 0.0, "hang": 0.0, "garbage": 0.0},
}
AIOHTTPS_REDIRECTS = 10
FLAKY = {"attempts": 3, "limit_s": 0.2, "backoff_s": 0.5}

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Promise(NamedTuple):
    """What a side promises of one HTTP request."""

    method: str
    connect_s: float
    answer_s: float
    redirects: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin_url(tmp_path_factory: Any) -> AsyncIterator[str]:
    """A real origin."""
    folder: Path = tmp_path_factory.mktemp("promises")
    origin = await open_origin(None, 1, folder / "origin.log")
    yield origin.url.reveal()
    await origin.stop(2)


@pytest.fixture(autouse=True)
def eager() -> Iterator[None]:
    """Tasks run where they are published, and the application is left without a result backend of this module."""
    no_backend = mock.patch.object(app, "_backend_cache", DisabledBackend(app))
    with mock.patch.dict(app.conf.changes, {"task_always_eager": True}), no_backend:
        yield


def made(name: str, origin_url: str | None = None) -> Workload[Any]:
    """A workload that is over soon."""
    kind = registry.load("workload", name)
    workload: Workload[Any] = kind(kind.Params(**QUICKLY.get(name, {})), Services(origin_url=origin_url), 1)
    return workload


async def run_coroutine(name: str, payload: Payload, enough: Callable[[], bool] = lambda: False) -> Any:
    """As the asyncio contender does; what never ends is cancelled once that is enough."""
    side = declared_coroutine(name)
    given = {"slots": 4, **made(name).resources()}
    async with contextlib.AsyncExitStack() as stack:
        shared = []
        if side.resources is not None:
            taken = inspect.signature(side.resources).parameters
            shared.append(await stack.enter_async_context(side.resources(**{key: given[key] for key in taken})))
        task = asyncio.ensure_future(ignoring(side.run, side.ignores)(*shared, **payload))
        while not task.done() and not enough():
            await asyncio.sleep(0.01)
        if not task.done():
            task.cancel()
            return None
        return await task


def run_task(name: str, payload: Payload) -> Any:
    """All tasks of a request, in this thread."""
    side = declared_task(name)
    payload = ignoring(dict, side.ignores)(**payload)
    if side.canvas is not None:
        return side.canvas(**payload).apply().get()
    if side.request is not None and "urls" in payload:
        return [side.task.apply(args=[url]).get() for url in payload["urls"]]
    if side.beat_schedule is not None:
        return [side.task.apply(kwargs=entry["kwargs"]).get() for entry in side.beat_schedule(**payload).values()]
    return side.task.apply(kwargs=payload).get()


@contextlib.contextmanager
def promises_of_coroutines() -> Iterator[set[Promise]]:
    """Those of each request that an aiohttp session makes meanwhile."""
    found: set[Promise] = set()
    limits: list[float] = []
    make, limit = aiohttp.ClientSession._request, asyncio.timeout

    def timeout(delay: float | None) -> Any:
        limits.extend([] if delay is None else [delay])
        return limit(delay)

    async def request(self: Any, method: str, url: str, **options: Any) -> Any:
        asked = options.get("timeout", self.timeout)
        answer_s = min([asked.total, *limits])
        redirects = options.get("max_redirects", AIOHTTPS_REDIRECTS)
        found.add(Promise(method, min(asked.sock_connect or asked.total, answer_s), answer_s, redirects))
        with mock.patch("asyncio.timeout", limit):  # aiohttp's own
            return await make(self, method, url, **options)

    with mock.patch.object(aiohttp.ClientSession, "_request", request), mock.patch("asyncio.timeout", timeout):
        yield found


@contextlib.contextmanager
def promises_of_tasks() -> Iterator[set[Promise]]:
    """Those of each request that a urllib3 pool makes meanwhile."""
    found: set[Promise] = set()
    make = urllib3.PoolManager.request

    def request(self: Any, method: str, url: str, **options: Any) -> Any:
        limit = options["timeout"]
        redirects = self.connection_pool_kw["retries"].redirect
        found.add(Promise(method, min(limit._connect, limit.total), limit.total, redirects))
        return make(self, method, url, **options)

    with mock.patch.object(urllib3.PoolManager, "request", request):
        yield found


@pytest.mark.parametrize("name", HTTP)
async def test_requests_have_the_same_time_limits_on_both_sides(name: str, origin_url: str) -> None:
    """To connect, and until the whole answer is there; and as many redirects are followed."""
    payload = made(name, origin_url).payload(0)
    if payload.get("url", "").endswith("/visit"):
        payload["url"] += "/promises"  # as a scenario does
    with promises_of_coroutines() as coroutine:
        await run_coroutine(name, payload, enough=lambda: name == "periodic" and bool(coroutine))
    with promises_of_tasks() as task:
        await asyncio.to_thread(run_task, name, payload)
    assert coroutine == task
    assert coroutine


def half(connection: socket.socket) -> None:
    """Half an answer."""
    connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\n12345")
    connection.shutdown(socket.SHUT_RDWR)


def page(connection: socket.socket) -> None:
    """An answer that is no JSON, as of a proxy before the service."""
    connection.sendall(b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>")


SERVICES: dict[str, tuple[Callable[[socket.socket], None], bool]] = {
    "404": (answering(b"", 404), False),
    "409": (answering(b"", 409), False),
    "429": (answering(b"", 429), True),
    "500": (answering(b"", 500), True),
    "503": (answering(b"", 503), True),
    "half an answer": (half, True),
    "a page": (page, True),
    "silence": (lambda connection: None, True),
}
"""What a service does with every request, and whether that may pass."""


async def replies_to(url: str) -> list[Any]:
    """Of both sides; what was raised is None."""
    payload = {"url": url, **FLAKY}
    replies: list[Any] = []
    with mock.patch.object(random, "uniform", return_value=0.0):
        for run in (run_coroutine("flaky_http", payload), asyncio.to_thread(run_task, "flaky_http", payload)):
            try:
                replies.append(await run)
            except Exception:  # noqa: BLE001 - each side raises its own
                replies.append(None)
    return replies


@pytest.mark.parametrize("what", SERVICES)
async def test_both_sides_try_again_what_may_pass_and_nothing_else(what: str) -> None:
    """What cannot pass is raised at once; what may is given up after all attempts."""
    does, may_pass = SERVICES[what]
    with service(does, connections=6) as url:
        replies = await replies_to(f"{url}?n=1")
        pool_manager.get().clear()
    assert replies == [{"status": "gave up", "attempts": 3} if may_pass else None] * 2


@pytest.mark.parametrize("url", ["http:///nobody?n=1", "http://[::1", "ftp://127.0.0.1/?n=1", "nonsense"])
async def test_what_cannot_be_asked_is_not_tried_again(url: str) -> None:
    """It would be the same at every attempt."""
    assert await replies_to(url) == [None, None]


async def test_where_nobody_listens_is_tried_again() -> None:
    """The service may be starting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert await replies_to(f"http://127.0.0.1:{port}/?n=1") == [{"status": "gave up", "attempts": 3}] * 2


async def test_both_sides_wait_as_long_before_another_attempt() -> None:
    """Twice as long at most after each, and any time up to that."""
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return 0.0

    with service(answering(b"", 503), connections=6) as url, mock.patch.object(random, "uniform", draw):
        payload = {"url": f"{url}?n=1", **FLAKY}
        await run_coroutine("flaky_http", payload)
        await asyncio.to_thread(run_task, "flaky_http", payload)
    assert drawn[:2] == drawn[-2:] == [(0, 0.5), (0, 1.0)]


@pytest.mark.parametrize("slots", [1, 8, 64, 500])
async def test_both_sides_have_as_many_database_connections(slots: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a slot, up to the same limit in a process, and the same wait for one."""
    from asyncio_side import sql_query as coroutine
    from celery_side.tasks import sql_query as task

    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr(task, "slots", lambda: slots)
    with mock.patch.object(coroutine, "AsyncConnectionPool") as of_coroutine:
        of_coroutine.return_value.__aenter__ = mock.AsyncMock()
        of_coroutine.return_value.__aexit__ = mock.AsyncMock()
        async with coroutine.SIDE.resources(slots=slots):  # type: ignore[misc]
            pass
    with mock.patch.object(task, "ConnectionPool") as of_task:
        task._pool()
    bound = {"min_size", "max_size", "timeout"}
    one, other = ({k: v for k, v in it.call_args.kwargs.items() if k in bound} for it in (of_coroutine, of_task))
    assert one == other == {"min_size": 1, "max_size": min(slots, 64)}


@pytest.mark.asyncio(loop_scope="function")  # its resources are the loop's executor, which they shut down at the end
async def test_calls_that_block_go_through_to_thread() -> None:
    """In the loop's default executor, which has a thread for each slot."""
    used = mock.AsyncMock(wraps=asyncio.to_thread)
    with mock.patch("asyncio.to_thread", used):
        assert await run_coroutine("blocking_call", {"seconds": 0.0, "how": "to_thread"}) == 0.0
    used.assert_awaited_once()
