"""Celery: streamed with urllib3, hashed piece by piece."""

import hashlib
from base64 import b64encode

from celery_side.app import app
from celery_side.http import StatusError, pool_manager
from workloads.side import CelerySide

PIECE = 2**16


@app.task(name="download")
def download(url: str) -> int:
    """Fetch the body, compare its digest with the header; reply with its size in bytes."""
    digest, size = hashlib.sha256(), 0
    reply = pool_manager().request("GET", url, preload_content=False)
    try:
        if reply.status != 200:
            raise StatusError("GET", url, reply.status)
        for piece in reply.stream(PIECE):
            digest.update(piece)
            size += len(piece)
        if reply.headers["Content-Digest"] != f"sha-256=:{b64encode(digest.digest()).decode()}:":
            raise ValueError(f"GET {url}: the body does not have the digest that was given")
    except BaseException:
        reply.close()  # half read, its connection serves nobody else
        raise
    reply.release_conn()
    return size


SIDE = CelerySide(task=download)
