"""A pool of connections or threads, or a semaphore, with fewer places than slots: requests wait within the work."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from harness.results.model import Side, Spoiler
from harness.spoilers.concerning import concerning
from harness.spoilers.module import Module
from harness.spoilers.rule import Rule
from harness.spoilers.source import Source, keyword, number, place_in


class Places(NamedTuple):
    """Where a call says how many places there are: by which keyword or position, or how many by default."""

    keyword: str
    position: int | None = None
    usual: int | None = None


POOLS = {
    "aiohttp.TCPConnector": Places("limit", usual=100),
    "httpx.Limits": Places("max_connections"),
    "asyncio.Semaphore": Places("value", 0),
    "asyncio.BoundedSemaphore": Places("value", 0),
    "threading.Semaphore": Places("value", 0),
    "threading.BoundedSemaphore": Places("value", 0),
    "concurrent.futures.ThreadPoolExecutor": Places("max_workers", 0),
    "concurrent.futures.ProcessPoolExecutor": Places("max_workers", 0),
    "psycopg_pool.ConnectionPool": Places("max_size", usual=4),
    "psycopg_pool.AsyncConnectionPool": Places("max_size", usual=4),
    "asyncpg.create_pool": Places("max_size", usual=10),
    "redis.BlockingConnectionPool": Places("max_connections", usual=50),
    "redis.asyncio.BlockingConnectionPool": Places("max_connections", usual=50),
    "requests.adapters.HTTPAdapter": Places("pool_maxsize"),
    "urllib3.PoolManager": Places("maxsize"),
    "sqlalchemy.create_engine": Places("pool_size"),
    "sqlalchemy.ext.asyncio.create_async_engine": Places("pool_size"),
}


class SmallPool(Rule):
    """In the modules of a side's function and of what it uses, because pools are made apart from it."""

    kind = "small-pool"

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """Numbers that are written out; those that follow the slots are not."""
        for module in source.modules:
            for call in (node for node in concerning(source, module) if isinstance(node, ast.Call)):
                name = module.dotted(call.func) or ""
                places = _places(module, call, POOLS[name]) if name in POOLS else None
                if places is not None and 0 < places < slots:
                    yield small(source.side, name, places, slots, place_in(module, call))


def small(side: Side, name: str, places: int, slots: int, place: str = "") -> Spoiler:
    """A pool with that many places."""
    return Spoiler(
        kind=SmallPool.kind,
        side=side,
        text=f"{name} has {places} places for {slots} requests at once: the others wait within the work",
        place=place,
        advice="give it as many places as slots, the same on both sides",
    )


def _places(module: Module, call: ast.Call, pool: Places) -> int | None:
    given = keyword(call, pool.keyword)
    if given is None and pool.position is not None and len(call.args) > pool.position:
        given = call.args[pool.position]
    return pool.usual if given is None else number(module, given)


RULE = SmallPool()
