"""The limits that are the same on both sides: timeouts, retries, connections.

On neither side does a request wait because of a connection limit: asyncio has no limit, and a Celery process keeps one
connection per slot. There are three exceptions: PostgreSQL's limit below, the parameter `connections` of `http_date`,
and `comment_tree` on asyncio, whose trees may be wider than the number of files that a process may open.
"""

from datetime import UTC
from email.utils import parsedate_to_datetime
from time import time

CONNECT_S = 30.0
"""Timeout for connecting to a service, in seconds."""
ANSWER_S = 300.0
"""Timeout from the start of a request until the whole answer has been read, in seconds: aiohttp's default."""
RHYTHM_ANSWER_S = 10.0
"""The same for periodic work: a call that hangs must not stop the schedule."""
MOST_REDIRECTS = 10
"""The most redirects followed for one request: aiohttp's default."""
POSTGRES_CONNECTIONS = 64
"""The most connections of one process; PostgreSQL allows 100 by default, for all clients."""
TREE_CONNECTIONS = 512
"""Connections of all trees together on asyncio: a tree may be wider than the number of files that a process may open.
"""
PAGES_AT_ONCE = 32
"""Pages that one request fetches at once, in the forms that have a limit."""
THREADS = 64
"""Threads for blocking calls if slots are unbounded; asyncio's default is CPUs + 4."""
TOO_MANY_REQUESTS = 429
COMES_AGAIN_MOST_S = 3600.0
"""The longest wait that a service may ask for."""


def status_may_pass(status: int) -> bool:
    """Whether a request that was answered with that status may succeed if it is retried."""
    return status >= 500 or status == TOO_MANY_REQUESTS


def most_backoff_s(first_s: float, attempt: int) -> float:
    """The longest wait after failed attempt `attempt` (1, 2…), in seconds; it doubles after each attempt."""
    return first_s * float(2 ** (attempt - 1))


def retry_after_s(text: str | None) -> float | None:
    """In how many seconds to come again, by a header `Retry-After`: seconds or a date; None without one, or another."""
    if text is None:
        return None
    try:
        wait_s = float(text) if text.isdecimal() else _moment_s(text) - time()
    except (ValueError, OverflowError):  # it is neither
        return None
    return min(COMES_AGAIN_MOST_S, max(0.0, wait_s))


def _moment_s(text: str) -> float:
    """A date of HTTP, all of which are in UTC, whether they say so or not."""
    moment = parsedate_to_datetime(text)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
