"""What scenarios must see of each side, on real workers: stopping, rhythm, work that nobody waits for."""

import asyncio
from typing import Any

import pytest

from harness import registry
from tests.contract.conftest import SLOTS, Running, submit

CELERY = [name for name in registry.names("contender") if name.startswith("celery-")]
STOPS = ["asyncio", "celery-prefork", "celery-gevent"]

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def replies(running: Running, name: str, workload: str, requests: int, **params: Any) -> list[Any]:
    """Of that many requests at once, with those parameters."""
    definition = registry.load("workload", workload)
    made = definition(definition.Params(**params), running.services(), 1)
    payloads = [made.payload(number) for number in range(requests)]
    outcomes = await asyncio.to_thread(submit, running, registry.load("contender", name), workload, payloads)
    assert [outcome.error for outcome in outcomes] == [None] * requests
    return [outcome.reply for outcome in outcomes]


@pytest.mark.parametrize("name", STOPS)
async def test_what_runs_is_stopped(running: Running, name: str) -> None:
    """The origin hears of it no more; and the next request finds its side in order."""
    (reply,) = await replies(running, name, "cancel", 1)
    assert reply["began"]
    assert not reply["ran_on"]
    assert (await replies(running, name, "fire_and_forget", 1))[0]["done_ms"]


async def test_threads_cannot_be_stopped(running: Running) -> None:
    """The caller is told the truth: the result, when the work has run to its end."""
    (reply,) = await replies(running, "celery-threads", "cancel", 1)
    assert reply["began"]
    assert reply["ran_on"]


@pytest.mark.parametrize("name", ["asyncio", "celery-threads", "celery-gevent"])
async def test_what_waits_never_begins(running: Running, name: str) -> None:
    """More than twice as many as there are slots: the last ones are cancelled before their turn."""
    if (reason := registry.load("contender", name).cannot("cancel", None)) is not None:
        pytest.skip(reason)  # with a Celery older than that of CI
    # Long enough that what has a slot has begun, and has been seen, before it is cancelled: also on a busy machine.
    found = await replies(running, name, "cancel", 3 * SLOTS[name], seconds=1.0, after_ms=500.0)
    waited = [reply for reply in found if not reply["began"]]
    assert waited
    assert not any(reply["ran_on"] for reply in waited)


@pytest.mark.parametrize("name", CELERY)
async def test_a_result_that_is_ignored_is_not_stored(running: Running, name: str) -> None:
    """And the work is done once for each request."""
    found = await replies(running, name, "fire_and_forget", 4)
    assert [len(reply["done_ms"]) for reply in found] == [1] * 4


async def test_a_beat_ends_with_its_request(running: Running) -> None:
    """Nothing of it is left running, and it came as often as it was to."""
    import psutil

    (reply,) = await replies(running, "celery-threads", "periodic", 1, times=3)
    assert len(reply["came_ms"]) >= 4
    beats = [one for one in psutil.Process().children(recursive=True) if "beat" in one.cmdline()]
    assert beats == []
