"""What the workbench's origin says of itself, so that a run knows it by more than its address."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from origin import slowness, work
from origin.protocol import PROTOCOL, SERVICE

PACKAGE = "celery-or-asyncio-workbench"
NUMBERS = ("depth", "branching", *work.CHANCES, "allowed_per_s", "burst")
"""Parameters that are sent and taken as numbers."""


def identity(seed: int, processes: int, query: Mapping[str, str]) -> dict[str, Any]:
    """Its kind, versions and settings; and what a request with that query would be given.

    `effective` has a value for each parameter that it takes, `not_taken` the names of the others. Raises ValueError for
    values that it refuses.
    """
    takes = (*slowness.TAKES, *work.TAKES)
    mean_s, kind = slowness.asked_latency(query)
    latency: dict[str, Any] = {"latency_ms": mean_s * 1000, "latency": kind}
    return {
        "service": SERVICE,
        "protocol": PROTOCOL,
        "version": version(PACKAGE),
        "seed": seed,
        "processes": processes,
        "takes": list(takes),
        "effective": latency | {name: float(query[name]) for name in NUMBERS if name in query},
        "not_taken": sorted(set(query) - set(takes)),
    }
