"""The origin: repeatable bodies and latencies, counted requests."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from origin.events import feed
from origin.server import Counters, application, latency_s


@pytest_asyncio.fixture
async def client() -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """An origin of one process, in this one."""
    server = TestServer(application(0, Counters(1), os.getpid(), 1))
    async with TestClient(server) as opened:
        yield opened


def test_the_feed_is_thirty_events_and_the_same_for_the_same_seed() -> None:
    """Another seed gives another feed."""
    assert len(json.loads(feed(1))) == 30
    assert feed(1) == feed(1)
    assert feed(1) != feed(2)
    assert 10_000 < len(feed(1)) < 60_000


def drawn(n: int, seed: int = 1, kind: str = "lognormal") -> float:
    """The latency of request `n`."""
    return latency_s(make_mocked_request("GET", f"/events?latency_ms=50&latency={kind}&seed={seed}&n={n}"))


def test_a_fixed_latency_is_always_the_same() -> None:
    """Whatever the request's number."""
    assert {drawn(n, kind="fixed") for n in range(10)} == {0.05}


def test_lognormal_latencies_are_decided_by_seed_and_number() -> None:
    """So every contender meets the same ones; their mean is the one asked for."""
    many = [drawn(n) for n in range(4000)]
    assert many == [drawn(n) for n in range(4000)]
    assert many[:10] != [drawn(n, seed=2) for n in range(10)]
    assert sum(many) / len(many) == pytest.approx(0.05, rel=0.05)


async def test_what_is_served_is_counted(client: TestClient) -> None:  # type: ignore[type-arg]
    """Work alone: questions of the harness do not count."""
    replies = await asyncio.gather(*(client.get("/events") for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    usage = await (await client.get("/usage?memory=1")).json()
    assert usage["count"] == 5
    assert usage["memory_mb"] > 1
    assert (await client.get("/health")).status == 200


@pytest.mark.parametrize("latency", ["-1", "60001", "soon"])
async def test_a_latency_that_cannot_be_is_400(client: TestClient, latency: str) -> None:  # type: ignore[type-arg]
    """And is not served."""
    assert (await client.get(f"/events?latency_ms={latency}")).status == 400
