"""The origin as its clients meet it: its answers, and its count of them."""

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from harness.registry import load, names
from origin.counters import Counters
from origin.diary import Diary
from origin.limits import Limits
from origin.server import application


@pytest_asyncio.fixture
async def client() -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """An origin of one process, in this one."""
    server = TestServer(application(0, Counters(1), Diary(), Limits(), os.getpid(), 1))
    async with TestClient(server) as opened:
        yield opened


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


async def test_a_tree_of_comments_has_the_depth_and_branching_that_was_asked_for(
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    """No children on the last level; without the numbers it is a bad request."""
    first = await (await client.get("/comments/0?depth=1&branching=3")).json()
    assert first["children"] == ["0.0", "0.1", "0.2"]
    assert (await (await client.get("/comments/0.2?depth=1&branching=3")).json())["children"] == []
    assert (await client.get("/comments/0")).status == 400


async def test_an_invoice_is_stored_only_where_it_follows_from_the_steps_before(
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    """The order's customer, and that customer's discount."""
    customer = (await (await client.get("/orders/5")).json())["customer"]
    discount = (await (await client.get(f"/customers/{customer}")).json())["discount"]
    invoice = {"order": 5, "customer": customer, "discount": discount}
    assert (await client.post("/invoices", json=invoice)).status == 201
    assert (await client.post("/invoices", json=invoice | {"discount": discount + 1})).status == 409


async def test_a_blob_has_its_size_and_its_digest(client: TestClient) -> None:  # type: ignore[type-arg]
    """Also one that is no whole number of blocks; RFC 9530."""
    size = 2**20 + 17
    reply = await client.get(f"/blob/{size}")
    body = await reply.read()
    assert len(body) == size
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert reply.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert (await client.get(f"/blob/{2**40}")).status == 400


async def test_a_flaky_answer_is_what_was_drawn(client: TestClient) -> None:  # type: ignore[type-arg]
    """A status, half a text, or a good one."""
    assert (await client.get("/flaky?fail=1")).status == 503
    assert await (await client.get("/flaky?garbage=1")).read() == b'{"status": "o'
    assert await (await client.get("/flaky")).json() == {"status": "ok"}


async def test_it_says_what_it_is_and_what_a_request_would_get(client: TestClient) -> None:  # type: ignore[type-arg]
    """By GET and by OPTIONS; neither is counted as work."""
    for method in ("GET", "OPTIONS"):
        reply = await client.request(method, "/workbench?latency_ms=5&fail=0.2&bogus=1")
        said = await reply.json()
        assert (said["service"], said["protocol"], said["seed"], said["processes"]) == ("workbench-origin", 2, 1, 1)
        assert said["effective"] == {"latency_ms": 5.0, "latency": "fixed", "fail": 0.2}
        assert said["not_taken"] == ["bogus"]
    assert (await client.get("/workbench?latency=normal")).status == 400
    assert (await (await client.get("/usage")).json())["count"] == 0


async def test_every_parameter_that_workloads_send_is_taken(client: TestClient) -> None:  # type: ignore[type-arg]
    """As it was sent."""
    for name in names("workload"):
        kind = load("workload", name)
        params = msgspec.to_builtins(kind.Params())
        sent = {key: params[key] for key in kind.of_origin}
        said = await (await client.get("/workbench", params=sent)).json()
        assert said["not_taken"] == []
        assert {key: said["effective"][key] for key in sent} == sent
