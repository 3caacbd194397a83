"""The contract with chunks, on two pools: several payloads are one task, and each has its own reply."""

import asyncio
import itertools

import pytest

from harness import registry
from harness.contenders.contender import Outcome
from harness.machine.usage import boot_id
from tests.contract.conftest import BATCH, CHUNKED, SLOTS, Running, contender_named, skip_without_postgres, submitted

K = 4
"""Of BATCH requests: a full chunk, and one that is not filled."""
SUPPORTED = [
    (name, workload)
    for name in CHUNKED
    for workload in registry.names("workload")
    if contender_named(name).cannot(workload, None) is None
]

pytestmark = pytest.mark.asyncio(loop_scope="package")


def most_at_once(outcomes: list[Outcome]) -> int:
    """Executions that overlap, by their stamps."""
    edges = [(outcome.exec_start_ns, 1) for outcome in outcomes] + [(outcome.exec_end_ns, -1) for outcome in outcomes]
    return max(itertools.accumulate(change for _, change in sorted(edges)))


@pytest.mark.parametrize(("name", "workload"), SUPPORTED)
async def test_every_payload_has_its_own_right_reply(running: Running, name: str, workload: str) -> None:
    """With stamps in order; each is executed once, and counted as one."""
    skip_without_postgres(running, workload)
    definition = registry.load("workload", workload)
    made = definition(definition.Params(), running.services(), 1)
    payloads = [made.payload(number) for number in range(BATCH)]
    done = await asyncio.to_thread(submitted, running, contender_named(name), workload, payloads)
    for payload, outcome in zip(payloads, done.outcomes, strict=True):
        assert outcome.error is None
        assert made.check(payload, outcome.reply) is None
        assert outcome.publish_end_ns > 0
        assert 0 < outcome.exec_start_ns <= outcome.exec_end_ns
        assert (outcome.boot_id, bool(outcome.host)) == (boot_id(), True)
    executed = await running.workers[name].executed(done.trial)
    assert sorted(executed.numbers.tolist()) == list(range(BATCH))
    assert (executed.of_others, executed.of_nobody) == (0, 0)  # the chunk's own task is no work of somebody else


@pytest.mark.parametrize("name", CHUNKED)
async def test_what_one_payload_raises_is_its_own_error(running: Running, name: str) -> None:
    """The others of its chunk have their replies."""
    bad = {"url": f"{running.origin.url}/nowhere", "client": "urllib3"}
    good = {"url": f"{running.origin.url}/events", "client": "urllib3"}
    done = await asyncio.to_thread(submitted, running, contender_named(name), "http_date", [good, bad, good, good])
    assert [outcome.error is None for outcome in done.outcomes] == [True, False, True, True]
    assert "404" in str(done.outcomes[1].error)


@pytest.mark.parametrize("name", CHUNKED)
async def test_slots_are_payloads_at_once(running: Running, name: str) -> None:
    """However many of them a task carries; and a chunk of one pool's threads runs them one after another."""
    payloads = [{"seconds": 0.05}] * (2 * K)
    done = await asyncio.to_thread(submitted, running, contender_named(name), "sleep", payloads)
    assert most_at_once(done.outcomes) == SLOTS[name]
    first_chunk = 1 if name.startswith("celery-threads") else SLOTS[name]
    assert most_at_once(done.outcomes[:K]) <= first_chunk


@pytest.mark.parametrize("name", CHUNKED)
async def test_a_paused_contender_executes_nothing_until_it_is_resumed(running: Running, name: str) -> None:
    """Then everything, also of the chunk that is not filled."""
    payloads = [{"seconds": 0.01}] * BATCH
    done = await asyncio.to_thread(submitted, running, contender_named(name), "sleep", payloads, paused=True)
    assert [outcome.reply for outcome in done.outcomes] == [0.01] * BATCH
    assert min(outcome.exec_start_ns for outcome in done.outcomes) >= done.resumed_ns


async def test_a_chunk_is_one_message(running: Running) -> None:
    """Of a full chunk's commands, each payload has its part."""
    name = CHUNKED[1]
    before = await asyncio.to_thread(running.broker.reading)
    await asyncio.to_thread(submitted, running, contender_named(name), "noop", [{}] * (20 * K))
    after = await asyncio.to_thread(running.broker.reading)
    pushed = after.calls["lpush"] - before.calls["lpush"]
    assert 20 <= pushed <= 22  # what was not there when a chunk had waited long enough is in another one
