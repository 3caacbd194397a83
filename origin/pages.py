"""What the origin serves besides the feed; each answer depends only on the request and the seed."""

import hashlib
import random
from base64 import b64encode
from functools import cache
from typing import Any

CUSTOMERS = 1000
BLOB_MOST = 256 * 2**20
BLOCK = 2**20


def comment(path: str, depth: int, branching: int) -> dict[str, Any]:
    """The comment at `path` (`0`, `0.2`, `0.2.1`…) of a tree: its children, none at the depth given."""
    level = path.count(".")
    children = [f"{path}.{child}" for child in range(branching)] if level < depth else []
    return {"id": path, "text": f"comment {path}", "children": children}


def customer_of(order: int, seed: int) -> int:
    """The customer of an order."""
    return random.Random(f"{seed}:order:{order}").randrange(CUSTOMERS)


def discount_of(customer: int, seed: int) -> int:
    """The discount that a customer has, in percent."""
    return random.Random(f"{seed}:customer:{customer}").randrange(50)


def fate(seed: str, number: str, attempt: str, fail: float, hang: float, garbage: float) -> str:
    """The outcome of one attempt: `ok`, `fail`, `hang` or `garbage`, with those probabilities."""
    drawn = random.Random(f"{seed}:{number}:{attempt}").random()
    for what, probability in (("fail", fail), ("hang", hang), ("garbage", garbage)):
        if drawn < probability:
            return what
        drawn -= probability
    return "ok"


@cache
def block(seed: int) -> bytes:
    """A mebibyte that does not compress."""
    return random.Random(f"{seed}:blob").randbytes(BLOCK)


@cache
def blob_digest(size: int, seed: int) -> str:
    """The `Content-Digest` of a blob (RFC 9530)."""
    digest = hashlib.sha256()
    for piece in blob(size, seed):
        digest.update(piece)
    return f"sha-256=:{b64encode(digest.digest()).decode()}:"


def blob(size: int, seed: int) -> list[memoryview]:
    """`size` bytes in pieces: the same block, repeated."""
    if not 0 <= size <= BLOB_MOST:
        raise ValueError(f"a blob has from 0 to {BLOB_MOST} bytes; got {size}")
    whole = memoryview(block(seed))
    return [whole] * (size // BLOCK) + ([whole[: size % BLOCK]] if size % BLOCK else [])
