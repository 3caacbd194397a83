"""The HTTP session that all requests of a process share: an async context manager, closed at its end."""

import aiohttp

from workloads.promises import ANSWER_S, CONNECT_S

NO_LIMIT = 0
TIMEOUT = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)


def http_session() -> aiohttp.ClientSession:
    """A session without a limit on connections; with aiohttp's default of 100, the 101st request waits silently."""
    return limited_http_session(NO_LIMIT)


def limited_http_session(connections: int) -> aiohttp.ClientSession:
    """A session with at most that many connections; 0: no limit."""
    connector = aiohttp.TCPConnector(limit=connections)
    return aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, raise_for_status=True)
