"""Celery: stream with urllib3, hash chunk by chunk."""

import hashlib
from base64 import b64encode

from celery_side.app import app
from celery_side.http import answer_to
from workloads.side import CelerySide


@app.task(name="download")
def download(url: str) -> int:
    """Fetch the body and compare its digest with the header; return its size in bytes."""
    digest, size = hashlib.sha256(), 0
    with answer_to("GET", url) as answer:
        for piece in answer.pieces():
            digest.update(piece)
            size += len(piece)
    if answer.headers["Content-Digest"] != f"sha-256=:{b64encode(digest.digest()).decode()}:":
        raise ValueError(f"GET {url}: the digest of the body differs from Content-Digest")
    return size


SIDE = CelerySide(task=download)
