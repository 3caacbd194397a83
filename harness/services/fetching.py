"""Asks HTTP services: what is read of an answer is bounded, because nobody waits for its thread after the deadline."""

from http.client import HTTPException
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import urllib3

BYTES_MOST = 64 * 2**20


def fetched(
    http: "urllib3.PoolManager", method: str, url: str, *, most: int = BYTES_MOST, **options: Any
) -> tuple[int, bytes]:
    """Status and body of an answer; it blocks, and raises what urllib3 raises. No redirection is followed."""
    reply = http.request(method, url, redirect=False, preload_content=False, **options)
    try:
        body = reply.read(most + 1, decode_content=True)
        if len(body) > most:
            raise HTTPException(f"more than {most:,} bytes")
        status = int(reply.status)
    except BaseException:
        reply.close()
        raise
    reply.release_conn()
    return status, body
