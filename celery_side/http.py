"""The kept-alive HTTP client of a worker process."""

import json
from functools import cache
from typing import Any

import urllib3

CONNECTIONS = 1024  # at least the pool's slots, else connections are thrown away under threads and gevent
TIMEOUT = urllib3.Timeout(connect=30, total=300)  # as aiohttp has it by default


class StatusError(RuntimeError):
    """The service answered, but not with what was asked for."""

    def __init__(self, method: str, url: str, status: int) -> None:
        super().__init__(f"{method} {url}: status {status}")
        self.status = status


@cache
def pool_manager() -> urllib3.PoolManager:
    """The process's urllib3 pool: it is safe to share between threads."""
    return urllib3.PoolManager(
        maxsize=CONNECTIONS,
        timeout=TIMEOUT,
        retries=False,
        headers=urllib3.make_headers(accept_encoding="gzip, deflate"),
    )


def get_json(url: str, limit_s: float | None = None) -> Any:
    """The JSON that lies at `url`; raises StatusError for any status but 200."""
    timeout = TIMEOUT if limit_s is None else urllib3.Timeout(total=limit_s)
    reply = pool_manager().request("GET", url, timeout=timeout)
    if reply.status != 200:
        raise StatusError("GET", url, reply.status)
    return json.loads(reply.data)
