"""A client, a pool, a connection or a TLS context that each request makes anew."""

import ast
from collections.abc import Iterator

from harness.results.model import Cell, Spoiler
from harness.spoilers.module import Definition
from harness.spoilers.places import shown
from harness.spoilers.rule import Rule, Seen
from harness.spoilers.source import Source, calls_in

MADE = frozenset(
    {
        *("aiohttp.ClientSession", "aiohttp.TCPConnector", "aiohttp.request"),
        *("httpx.AsyncClient", "httpx.Client", "httpx.get", "httpx.post", "httpx.put", "httpx.patch"),
        *("httpx.delete", "httpx.head", "httpx.request", "httpx.stream"),
        *("requests.Session", "requests.session", "requests.get", "requests.post", "requests.put", "requests.patch"),
        *("requests.delete", "requests.head", "requests.options", "requests.request"),
        *("urllib3.PoolManager", "urllib3.HTTPConnectionPool", "urllib.request.urlopen"),
        *("http.client.HTTPConnection", "http.client.HTTPSConnection"),
        *("ssl.create_default_context", "ssl.SSLContext"),
        *("asyncpg.connect", "asyncpg.create_pool", "psycopg.connect", "psycopg.AsyncConnection.connect"),
        *("psycopg_pool.ConnectionPool", "psycopg_pool.AsyncConnectionPool", "psycopg2.connect", "pymysql.connect"),
        *("redis.Redis", "redis.StrictRedis", "redis.from_url", "redis.Redis.from_url", "redis.asyncio.Redis"),
        *("redis.asyncio.from_url", "redis.asyncio.Redis.from_url", "pymongo.MongoClient"),
        *("motor.motor_asyncio.AsyncIOMotorClient", "boto3.client", "boto3.resource", "boto3.Session"),
        *("sqlalchemy.create_engine", "sqlalchemy.ext.asyncio.create_async_engine"),
        *("grpc.insecure_channel", "grpc.secure_channel", "grpc.aio.insecure_channel", "grpc.aio.secure_channel"),
        *("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
    }
)
"""Calls that make something costly, or that make it inside."""
CONNECTS_A_REQUEST = 0.5
REQUESTS_LEAST = 20


class ClientPerCall(Rule):
    """In the source; and by connections, which the driver and the origin count."""

    kind = "client-per-call"

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """Where what was made is not kept beyond the call."""
        for part in source.reached:
            kept = _kept(part.function)
            for call in calls_in(part.function):
                name = part.called(call)
                if name in MADE and call not in kept:
                    yield Spoiler(
                        kind=self.kind,
                        side=source.side,
                        text=f"each request makes its own {name}, and pays for its connections and TLS",
                        place=part.place(call),
                        advice=_advice(source.side),
                    )

    def seen(self, seen: Seen) -> Iterator[Spoiler]:
        """By the connections that the work opened in the driver, else by those that the origin saw."""
        cell, trial = seen.cell, seen.trial
        issued, origin, look = trial.issued or 0, trial.usage.origin, trial.look
        if look is not None and look.connects >= max(REQUESTS_LEAST, CONNECTS_A_REQUEST * issued):
            text = f"{look.connects} connections were opened for {issued} requests"
            yield self._seen(cell, text, shown(look.connects_at))
            return
        clients, per_s = cell.load.clients, trial.throughput_per_s
        used = origin.connections if origin is not None else None
        if used is None or clients is None or not per_s or per_s < REQUESTS_LEAST:
            return
        if used > 2 * clients and used >= CONNECTS_A_REQUEST * per_s:
            yield self._seen(cell, f"the origin saw {used} connections in a second of {per_s:,.0f} requests", "")

    def _seen(self, cell: Cell, text: str, place: str) -> Spoiler:
        return Spoiler(kind=self.kind, side=cell.side, text=text, place=place, advice=_advice(cell.side))


def _advice(side: str) -> str:
    if side == "asyncio":
        return "open it once and share it: resources=… of the job; if it is shared, see whether the service closes it"
    return "open it once a process, at first use or by Celery's worker signals"


def _kept(function: Definition) -> set[ast.expr]:
    """Values that outlive the call: of global names, attributes and items."""
    outer = {name for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    kept: set[ast.expr] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if not isinstance(target, ast.Name) or target.id in outer:
                    kept |= {value for value in ast.walk(node.value) if isinstance(value, ast.expr)}
    return kept


RULE = ClientPerCall()
