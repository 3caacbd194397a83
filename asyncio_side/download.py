"""asyncio: stream with aiohttp, hash chunk by chunk."""

import hashlib
from base64 import b64encode

import aiohttp

from asyncio_side.http import http_session
from workloads.side import AsyncioSide

PIECE = 2**16


async def download(session: aiohttp.ClientSession, url: str) -> int:
    """Fetch the body and compare its digest with the header; return its size in bytes."""
    digest, size = hashlib.sha256(), 0
    async with session.get(url) as response:
        async for piece in response.content.iter_chunked(PIECE):
            digest.update(piece)
            size += len(piece)
        if response.headers["Content-Digest"] != f"sha-256=:{b64encode(digest.digest()).decode()}:":
            raise ValueError(f"GET {url}: the digest of the body differs from Content-Digest")
    return size


SIDE = AsyncioSide(run=download, resources=http_session)
