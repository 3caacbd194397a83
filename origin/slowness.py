"""The latency of the origin's answers, and the count of what it has served."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic_ns

from aiohttp import web

from origin.counters import Counters
from origin.under_way import UnderWay

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LATENCY_MOST_S = 60
KINDS = ("fixed", "lognormal")
TAKES = ("latency_ms", "latency", "seed", "n")
"""Parameters of a query that every route of work takes."""
SIGMA = 0.5  # of the lognormal latency: p99 is about 2.8 times the mean


def asked_latency(query: Mapping[str, str]) -> tuple[float, str]:
    """The mean latency in seconds and its kind, `fixed` or `lognormal`, as a query asks for them.

    Raises ValueError for a value that is not a number from 0 to 60000 ms, and for an unknown kind.
    """
    mean_s, kind = float(query.get("latency_ms", "0")) / 1000, query.get("latency", "fixed")
    if not 0 <= mean_s <= LATENCY_MOST_S:
        raise ValueError(f"latency_ms must be from 0 to {LATENCY_MOST_S * 1000}, got {mean_s * 1000:g}")
    if kind not in KINDS:
        raise ValueError(f"latency must be one of {', '.join(KINDS)}, got {kind!r}")
    return mean_s, kind


def latency_s(request: web.BaseRequest) -> float:
    """How long to wait before answering, from the request's query.

    Fixed, or lognormal with that mean; then `seed` and `n` decide the draw, so that every contender meets
    the same latencies. Raises ValueError for what `asked_latency` does not take.
    """
    mean_s, kind = asked_latency(request.query)
    if kind == "fixed" or mean_s == 0:
        return mean_s
    draw = random.Random(f"{request.query.get('seed', '0')}:{request.query.get('n', '0')}")
    return draw.lognormvariate(math.log(mean_s) - SIGMA**2 / 2, SIGMA)


def slowly(work: Handler, index: int, counters: Counters, under_way: UnderWay) -> Handler:
    """`work` after the wait that the query asks for, counted by process `index` with the time that it took.

    A request whose client has gone meanwhile is not counted, because nobody received its answer.
    """

    async def handler(request: web.Request) -> web.StreamResponse:
        arrived, key = monotonic_ns(), 0
        try:
            wait_s = latency_s(request)
            if wait_s:
                key = under_way.begin(arrived, wait_s)
                await asyncio.sleep(wait_s)
            return await work(request)
        except (ValueError, KeyError) as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        finally:
            if key:
                under_way.end(key)
            if request.transport is not None:
                counters.add(index, monotonic_ns() - arrived)

    return handler
