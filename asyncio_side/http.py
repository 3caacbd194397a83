"""The HTTP session that all requests of a process share: an async context manager, closed at its end."""

import aiohttp

from workloads.promises import ANSWER_S, CONNECT_S

NO_LIMIT = 0
TIMEOUT = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)


def http_session() -> aiohttp.ClientSession:
    """As many connections as requests are under way: with aiohttp's own default, the 101st waits, unseen."""
    return limited_http_session(NO_LIMIT)


def limited_http_session(connections: int) -> aiohttp.ClientSession:
    """At most so many connections; 0: no limit."""
    connector = aiohttp.TCPConnector(limit=connections)
    return aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, raise_for_status=True)
