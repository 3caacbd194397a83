"""URLs of the workbench's origin, which contain the latency of the answer."""

from typing import Any
from urllib.parse import urlencode


def slow_url(base: str | None, path: str, latency_ms: float, **query: Any) -> str:
    """URL of `path` at the origin `base`, which answers after `latency_ms`."""
    return f"{base}{path}?" + urlencode({"latency_ms": latency_ms, **query})


def draws(varying: bool, seed: int, number: Any) -> dict[str, Any]:
    """The query parameters for a latency that is drawn for each number (lognormal); empty if it is fixed."""
    return {"latency": "lognormal", "seed": seed, "n": number} if varying else {}
