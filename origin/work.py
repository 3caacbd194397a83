"""What workloads ask of the origin, one handler a route."""

import asyncio
import math

from aiohttp import web

from origin import pages
from origin.diary import Diary
from origin.events import feed
from origin.limits import Limits, asked
from origin.slowness import Handler

HANG_S = 30.0
CHANCES = ("fail", "hang", "garbage")
TAKES = ("depth", "branching", *CHANCES, "attempt", "allowed_per_s", "burst")
"""Parameters of a query that only some routes take."""


class Work:
    """Answers that follow from the request and the seed alone."""

    def __init__(self, seed: int, diary: Diary, limits: Limits) -> None:
        self._seed = seed
        self._limits = limits
        self._diary = diary
        self._feed = feed(seed)

    def gets(self) -> dict[str, Handler]:
        """Path → handler of `GET`."""
        return {
            "/events": self.events,
            "/mirror/{n}": self.mirror,
            "/comments/{path}": self.comments,
            "/orders/{n}": self.orders,
            "/customers/{n}": self.customers,
            "/flaky": self.flaky,
            "/blob/{n}": self.blob,
            "/visit/{key}": self.visit,
            "/limited/{n}": self.limited,
        }

    def posts(self) -> dict[str, Handler]:
        """Path → handler of `POST`."""
        return {"/invoices": self.invoices}

    async def events(self, request: web.Request) -> web.StreamResponse:
        """The feed."""
        return web.Response(body=self._feed, content_type="application/json")

    async def mirror(self, request: web.Request) -> web.StreamResponse:
        """The same answer from one of several places, `n`."""
        return web.json_response({"mirror": int(request.match_info["n"])})

    async def comments(self, request: web.Request) -> web.StreamResponse:
        """One comment of a tree with the `depth` and `branching` of the query."""
        depth, branching = (int(request.query[name]) for name in ("depth", "branching"))
        return web.json_response(pages.comment(request.match_info["path"], depth, branching))

    async def orders(self, request: web.Request) -> web.StreamResponse:
        """The first of three steps, of which each needs the one before: whose order `n` is."""
        order = int(request.match_info["n"])
        return web.json_response({"order": order, "customer": pages.customer_of(order, self._seed)})

    async def customers(self, request: web.Request) -> web.StreamResponse:
        """The second: the discount of customer `n`."""
        customer = int(request.match_info["n"])
        return web.json_response({"customer": customer, "discount": pages.discount_of(customer, self._seed)})

    async def invoices(self, request: web.Request) -> web.StreamResponse:
        """The third: stores only what follows from the two steps before it; else 409."""
        sent = await request.json()
        customer = pages.customer_of(sent["order"], self._seed)
        if (sent["customer"], sent["discount"]) != (customer, pages.discount_of(customer, self._seed)):
            raise web.HTTPConflict(text="not the customer of this order, or not the discount")
        return web.json_response({"order": sent["order"], "status": "stored"}, status=201)

    async def flaky(self, request: web.Request) -> web.StreamResponse:
        """Fails, hangs or answers half a text, with the query's probabilities; drawn from `seed`, `n` and `attempt`."""
        query = request.query
        chances = (float(query.get(name, "0")) for name in CHANCES)
        what = pages.fate(query.get("seed", "0"), query.get("n", "0"), query.get("attempt", "1"), *chances)
        if what == "hang":
            await asyncio.sleep(HANG_S)
        if what == "fail":
            raise web.HTTPServiceUnavailable(text="try again")
        if what == "garbage":
            return web.Response(body=b'{"status": "o', content_type="application/json")
        return web.json_response({"status": "ok"})

    async def blob(self, request: web.Request) -> web.StreamResponse:
        """`n` bytes with their digest."""
        size = int(request.match_info["n"])
        answer = web.StreamResponse(headers={"Content-Digest": pages.blob_digest(size, self._seed)})
        answer.content_length = size
        await answer.prepare(request)
        for piece in pages.blob(size, self._seed):
            await answer.write(piece)
        await answer.write_eof()
        return answer

    async def visit(self, request: web.Request) -> web.StreamResponse:
        """Notes in the diary when something came by."""
        self._diary.write(request.match_info["key"])
        return web.json_response({"status": "seen"})

    async def limited(self, request: web.Request) -> web.StreamResponse:
        """As many a second, and at once, as the query allows to all that name the same bucket `n`; else 429.

        `Retry-After` is in whole seconds, as RFC 9110 has it.
        """
        per_s, burst = asked(request.query["allowed_per_s"], request.query["burst"])
        wait_s = self._limits.wait_s(int(request.match_info["n"]), per_s, burst)
        if wait_s:
            raise web.HTTPTooManyRequests(text="too many", headers={"Retry-After": str(math.ceil(wait_s))})
        return web.json_response({"status": "ok"})
