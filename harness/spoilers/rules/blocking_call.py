"""A library that blocks, called in a coroutine: the event loop waits for it, and with it all other requests."""

import ast
from collections.abc import Iterator

from harness.results.model import Spoiler
from harness.spoilers.rule import Rule
from harness.spoilers.source import Source, calls_in

BLOCKING = (
    *("requests", "urllib.request.urlopen", "urllib3", "http.client", "ftplib", "smtplib", "boto3", "pymongo"),
    *("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "os.system"),
    *("socket.create_connection", "socket.getaddrinfo", "socket.gethostbyname"),
    *("psycopg.connect", "psycopg2", "pymysql", "MySQLdb", "sqlite3.connect", "redis.Redis", "redis.StrictRedis"),
    *("redis.from_url", "psycopg_pool.ConnectionPool", "sqlalchemy.create_engine", "grpc.insecure_channel"),
    *("httpx.get", "httpx.post", "httpx.put", "httpx.patch", "httpx.delete", "httpx.head", "httpx.options"),
    *("httpx.request", "httpx.stream", "httpx.Client"),
)
"""Names, and all below them, of calls that wait in the thread that calls."""
HARMLESS = ("requests.Request", "urllib3.Retry", "urllib3.Timeout", "urllib3.util")


class BlockingCall(Rule):
    """In the source; at run time it shows as a blocked event loop."""

    kind = "blocking-call"

    def found(self, source: Source, slots: int) -> Iterator[Spoiler]:
        """In the coroutine, and in what it calls without a thread."""
        if not isinstance(source.function, ast.AsyncFunctionDef):
            return
        for part in source.reached:
            for call in calls_in(part.function):
                name = part.method_of_made(call) or part.called(call)
                if name is not None and _is_below(name, BLOCKING) and not _is_below(name, HARMLESS):
                    yield Spoiler(
                        kind=self.kind,
                        side="asyncio",
                        text=f"{name} waits in the event loop's thread",
                        place=part.place(call),
                        advice="use a client for asyncio, or call it by asyncio.to_thread",
                    )


def _is_below(name: str, names: tuple[str, ...]) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in names)


RULE = BlockingCall()
