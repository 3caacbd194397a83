"""The contract with the lean producer, on one pool: the client differs, the workers are the same."""

import asyncio
from typing import Any

import pytest
from redis import Redis

from harness import registry
from harness.contenders.contender import contender_of
from harness.machine.usage import boot_id
from tests.contract.conftest import BATCH, Running, skip_without_postgres, submit, submitted

LEAN = contender_of("celery-threads", ["lean-producer"])
USUAL = contender_of("celery-threads")
MANY = 60
OF_WORKERS = ("zadd", "hset", "zrem", "hdel", "get", "setex", "publish", "multi", "exec")
"""Commands that no client sends."""
SUPPORTED = [name for name in registry.names("workload") if LEAN.cannot(name, None) is None]

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("workload", SUPPORTED)
async def test_every_reply_passes_the_workloads_check(running: Running, workload: str) -> None:
    """Each gets its own right reply, with the worker's stamps; each is executed once."""
    skip_without_postgres(running, workload)
    definition = registry.load("workload", workload)
    made = definition(definition.Params(), running.services(), 1)
    payloads = [made.payload(number) for number in range(BATCH)]
    done = await asyncio.to_thread(submitted, running, LEAN, workload, payloads)
    for payload, outcome in zip(payloads, done.outcomes, strict=True):
        assert outcome.error is None
        assert made.check(payload, outcome.reply) is None
        assert 0 < outcome.exec_start_ns <= outcome.exec_end_ns
        assert outcome.publish_end_ns
        assert (outcome.boot_id, bool(outcome.host)) == (boot_id(), True)
    executed = (await running.workers[LEAN.name].executed(done.trial)).numbers
    assert sorted(executed.tolist()) == list(range(BATCH))


async def test_what_the_work_raises_comes_back_as_the_error(running: Running) -> None:
    """As with the usual client; the next request is served."""
    bad = {"url": f"{running.origin.url}/nowhere", "client": "urllib3"}
    good = {"url": f"{running.origin.url}/events", "client": "urllib3"}
    first, second = await asyncio.to_thread(submit, running, LEAN, "http_date", [bad, good])
    assert first.error == f"StatusError: GET {bad['url']}: status 404"
    assert second.error is None


async def test_nothing_is_executed_while_it_is_paused(running: Running) -> None:
    """Then all of it."""
    payloads = [{"seconds": 0.01}] * BATCH
    done = await asyncio.to_thread(submitted, running, LEAN, "sleep", payloads, paused=True)
    assert [outcome.reply for outcome in done.outcomes] == [0.01] * BATCH
    assert min(outcome.exec_start_ns for outcome in done.outcomes) >= done.resumed_ns


async def test_the_workers_do_the_same_for_it_as_for_the_usual_client(running: Running) -> None:
    """Command by command, as Redis counts them."""
    counts = []
    for contender in (USUAL, LEAN):
        before = await asyncio.to_thread(calls, running)
        await asyncio.to_thread(submit, running, contender, "noop", [{}] * MANY)
        await asyncio.sleep(0.1)  # acknowledgements may follow the results
        after = await asyncio.to_thread(calls, running)
        counts.append({name: after[name] - before[name] for name in after})
    usual, lean = counts
    assert {name: usual[name] for name in OF_WORKERS} == {name: lean[name] for name in OF_WORKERS}
    assert lean["setex"] == lean["get"] == MANY
    assert usual["lpush"] == MANY <= usual["subscribe"]
    assert lean["lpush"] < MANY / 10
    assert (lean["subscribe"], lean["psubscribe"], usual["psubscribe"]) == (0, 1, 0)


def calls(running: Running) -> dict[str, int]:
    """How often Redis has been sent each command."""
    with Redis.from_url(running.broker.place.url.reveal()) as client:
        stats: dict[str, Any] = client.info("commandstats")
    names = (*OF_WORKERS, "lpush", "subscribe", "psubscribe")
    return {name: stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in names}
