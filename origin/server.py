"""The HTTP origin: an aiohttp application whose answers are slow on purpose, and which counts what it served."""

import asyncio
import math
import mmap
import random
from collections.abc import Awaitable, Callable
from time import monotonic_ns
from typing import Literal

from aiohttp import web

from harness.usage import as_json, read_tree
from origin.events import feed

SIGMA = 0.5  # of the lognormal latency: p99 is about 2.8 times the mean
NUMBER_BYTES = 8


class Counters:
    """Requests served and the time they took, two numbers a process in memory that an origin's processes share."""

    def __init__(self, processes: int) -> None:
        self._shared = mmap.mmap(-1, 2 * processes * NUMBER_BYTES)
        self._view = memoryview(self._shared).cast("q")

    def add(self, index: int, took_ns: int) -> None:
        """Count one request served by process `index`: it alone writes there."""
        self._view[2 * index] += 1
        self._view[2 * index + 1] += took_ns

    def requests(self) -> int:
        """Requests served by all processes."""
        return sum(self._view[::2])

    def busy_s(self) -> float:
        """Time that these took from arrival to answer, added up."""
        return sum(self._view[1::2]) / 1e9


def latency_s(request: web.BaseRequest) -> float:
    """How long to wait before answering, from the request's query.

    Fixed, or lognormal with that mean; then `seed` and `n` decide the draw, so that every contender meets
    the same latencies. Raises ValueError for what is no number.
    """
    mean_s = float(request.query.get("latency_ms", "0")) / 1000
    if not 0 <= mean_s <= 60:
        raise ValueError(f"latency_ms must be from 0 to 60000, got {mean_s * 1000:g}")
    if request.query.get("latency", "fixed") == "fixed" or mean_s == 0:
        return mean_s
    draw = random.Random(f"{request.query.get('seed', '0')}:{request.query.get('n', '0')}")
    return draw.lognormvariate(math.log(mean_s) - SIGMA**2 / 2, SIGMA)


def application(index: int, counters: Counters, root_pid: int, seed: int) -> web.Application:
    """The routes of one process: `/events` (work), `/health` and `/usage` (the harness's own questions)."""
    body = feed(seed)

    async def events(request: web.Request) -> web.Response:
        arrived = monotonic_ns()
        try:
            wait_s = latency_s(request)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        if wait_s:
            await asyncio.sleep(wait_s)
        counters.add(index, monotonic_ns() - arrived)
        return web.Response(body=body, content_type="application/json")

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def usage(request: web.Request) -> web.Response:
        """Usage of the whole origin: counters are shared, so that any process can answer."""
        memory: Literal["pss"] | None = "pss" if request.query.get("memory") == "1" else None
        reading = read_tree(root_pid, memory=memory, count=counters.requests(), busy_s=counters.busy_s())
        return web.json_response(as_json(reading))

    app = web.Application()
    routes: list[tuple[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]] = [
        ("/events", events),
        ("/health", health),
        ("/usage", usage),
    ]
    app.add_routes([web.get(path, handler) for path, handler in routes])
    return app
