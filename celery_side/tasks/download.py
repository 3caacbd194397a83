"""Celery: streamed with urllib3, hashed piece by piece."""

import hashlib
from base64 import b64encode

from celery_side.app import app
from celery_side.http import answer_to
from workloads.side import CelerySide


@app.task(name="download")
def download(url: str) -> int:
    """Fetch the body, compare its digest with the header; reply with its size in bytes."""
    digest, size = hashlib.sha256(), 0
    with answer_to("GET", url) as answer:
        for piece in answer.pieces():
            digest.update(piece)
            size += len(piece)
    if answer.headers["Content-Digest"] != f"sha-256=:{b64encode(digest.digest()).decode()}:":
        raise ValueError(f"GET {url}: the body does not have the digest that was given")
    return size


SIDE = CelerySide(task=download)
