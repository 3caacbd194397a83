"""The kept-alive HTTP client of a worker process."""

import json
from functools import cache
from typing import Any

import urllib3

CONNECTIONS = 1024  # at least the pool's slots, else connections are thrown away under threads and gevent


@cache
def pool_manager() -> urllib3.PoolManager:
    """The process's urllib3 pool: it is safe to share between threads."""
    return urllib3.PoolManager(maxsize=CONNECTIONS)


def get_json(url: str, timeout_s: float = 60.0) -> Any:
    """The JSON that lies at `url`; raises RuntimeError for any status but 200."""
    reply = pool_manager().request("GET", url, timeout=timeout_s, retries=False)
    if reply.status != 200:
        raise RuntimeError(f"GET {url}: status {reply.status}")
    return json.loads(reply.data)
