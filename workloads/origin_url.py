"""URLs of our origin: how a workload says how slow an answer shall be."""

from typing import Any
from urllib.parse import urlencode


def slow_url(base: str | None, path: str, latency_ms: float, **query: Any) -> str:
    """`path` of the origin at `base`, answered after that time."""
    return f"{base}{path}?" + urlencode({"latency_ms": latency_ms, **query})


def draws(varying: bool, seed: int, number: Any) -> dict[str, Any]:
    """The part of a query that has the latency drawn for each number (lognormal); nothing where it is fixed."""
    return {"latency": "lognormal", "seed": seed, "n": number} if varying else {}
