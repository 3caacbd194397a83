"""The HTTP origin: an aiohttp application whose answers are slow on purpose, and which counts what it served."""

import asyncio
import math
import mmap
import random
from collections.abc import Awaitable, Callable
from time import monotonic_ns
from typing import Literal

from aiohttp import web

from harness.machine.usage import as_json, boot_id, read_tree
from origin import pages
from origin.diary import Diary
from origin.events import feed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HANG_S = 30.0
VISITS_LONGEST_S = 3600.0

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


def application(index: int, counters: Counters, diary: Diary, root_pid: int, seed: int) -> web.Application:
    """The routes of one process: work, each slow as its query says, and the harness's own questions.

    `GET /events` the feed; `GET /mirror/{n}` the same answer from one of several places; `GET /comments/{path}` with
    `depth` and `branching`; `GET /orders/{n}`, `GET /customers/{n}`, `POST /invoices` three steps of which each needs
    the one before; `GET /flaky` with the probabilities `fail`, `hang` and `garbage`, drawn from `seed`, `n`
    and `attempt`; `GET /blob/{n}` n bytes with their digest; `GET /visit/{key}` leaves word that something came by.
    `GET /visits/{key}` tells when, as soon as there are `at_least`, or after `within_s`; it, `GET /health` and
    `GET /usage` are the harness's.
    """
    body = feed(seed)

    async def events(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    async def mirror(request: web.Request) -> web.StreamResponse:
        return web.json_response({"mirror": int(request.match_info["n"])})

    async def comments(request: web.Request) -> web.StreamResponse:
        depth, branching = (int(request.query[name]) for name in ("depth", "branching"))
        return web.json_response(pages.comment(request.match_info["path"], depth, branching))

    async def orders(request: web.Request) -> web.StreamResponse:
        order = int(request.match_info["n"])
        return web.json_response({"order": order, "customer": pages.customer_of(order, seed)})

    async def customers(request: web.Request) -> web.StreamResponse:
        customer = int(request.match_info["n"])
        return web.json_response({"customer": customer, "discount": pages.discount_of(customer, seed)})

    async def invoices(request: web.Request) -> web.StreamResponse:
        """Stores only what follows from the two steps before it."""
        sent = await request.json()
        customer = pages.customer_of(sent["order"], seed)
        if (sent["customer"], sent["discount"]) != (customer, pages.discount_of(customer, seed)):
            raise web.HTTPConflict(text="not the customer of this order, or not the discount")
        return web.json_response({"order": sent["order"], "status": "stored"}, status=201)

    async def flaky(request: web.Request) -> web.StreamResponse:
        query = request.query
        chances = (float(query.get(name, "0")) for name in ("fail", "hang", "garbage"))
        what = pages.fate(query.get("seed", "0"), query.get("n", "0"), query.get("attempt", "1"), *chances)
        if what == "hang":
            await asyncio.sleep(HANG_S)
        if what == "fail":
            raise web.HTTPServiceUnavailable(text="try again")
        if what == "garbage":
            return web.Response(body=b'{"status": "o', content_type="application/json")
        return web.json_response({"status": "ok"})

    async def blob(request: web.Request) -> web.StreamResponse:
        size = int(request.match_info["n"])
        answer = web.StreamResponse(headers={"Content-Digest": pages.blob_digest(size, seed)})
        answer.content_length = size
        await answer.prepare(request)
        for piece in pages.blob(size, seed):
            await answer.write(piece)
        await answer.write_eof()
        return answer

    async def visit(request: web.Request) -> web.StreamResponse:
        diary.write(request.match_info["key"])
        return web.json_response({"status": "seen"})

    async def visits(request: web.Request) -> web.Response:
        query = request.query
        within_s = min(VISITS_LONGEST_S, float(query.get("within_s", "0")))
        found = await diary.wait(request.match_info["key"], int(query.get("at_least", "0")), within_s)
        return web.json_response({"at_ns": found, "now_ns": monotonic_ns(), "boot_id": boot_id()})

    def slowly(work: Handler) -> Handler:
        """Wait as the query says, then answer; count the request with the time that it took.

        One whose client has gone meanwhile is not counted: nobody had its answer.
        """

        async def handler(request: web.Request) -> web.StreamResponse:
            arrived = monotonic_ns()
            try:
                wait_s = latency_s(request)
                if wait_s:
                    await asyncio.sleep(wait_s)
                return await work(request)
            except (ValueError, KeyError) as error:
                raise web.HTTPBadRequest(text=str(error)) from None
            finally:
                if request.transport is not None:
                    counters.add(index, monotonic_ns() - arrived)

        return handler

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def usage(request: web.Request) -> web.Response:
        """Usage of the whole origin: counters are shared, so that any process can answer."""
        memory: Literal["pss"] | None = "pss" if request.query.get("memory") == "1" else None
        reading = read_tree(root_pid, memory=memory, count=counters.requests(), busy_s=counters.busy_s())
        return web.json_response(as_json(reading))

    app = web.Application()
    work: dict[str, Handler] = {
        "/events": events,
        "/mirror/{n}": mirror,
        "/comments/{path}": comments,
        "/orders/{n}": orders,
        "/customers/{n}": customers,
        "/flaky": flaky,
        "/blob/{n}": blob,
        "/visit/{key}": visit,
    }
    app.add_routes([web.get(path, slowly(handler)) for path, handler in work.items()])
    app.add_routes([web.post("/invoices", slowly(invoices)), web.get("/visits/{key}", visits)])
    app.add_routes([web.get("/health", health), web.get("/usage", usage)])
    return app
