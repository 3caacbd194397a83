"""Latencies that the query asks for, and that every contender meets alike."""

from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web

from origin.slowness import latency_s


def drawn(n: int, seed: int = 1, kind: str = "lognormal") -> float:
    """The latency of request `n`."""
    query = {"latency_ms": "50", "latency": kind, "seed": str(seed), "n": str(n)}
    return latency_s(cast(web.BaseRequest, SimpleNamespace(query=query)))


def test_a_fixed_latency_is_always_the_same() -> None:
    """Whatever the request's number."""
    assert {drawn(n, kind="fixed") for n in range(10)} == {0.05}


def test_lognormal_latencies_are_decided_by_seed_and_number() -> None:
    """So every contender meets the same ones; their mean is the one asked for."""
    many = [drawn(n) for n in range(4000)]
    assert many == [drawn(n) for n in range(4000)]
    assert many[:10] != [drawn(n, seed=2) for n in range(10)]
    assert sum(many) / len(many) == pytest.approx(0.05, rel=0.05)
