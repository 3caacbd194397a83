"""What each request costs a broker, to the command; and what stays in it."""

import asyncio

import pytest
from kombu import Producer
from redis import Redis

from harness import registry
from harness.accounting.exact_costs import exact_costs
from harness.loads.load import LoadFigures
from tests.contract.conftest import BATCH, CONTENDERS, Running, contender_named, submit

MANY = 100
"""Enough that what workers do besides is not nearly one command a request."""
OLDER = not hasattr(Producer, "batch")
"""Whether Celery is one before 5.7."""
KNOWN = [
    ("celery-threads", "noop", 17),
    ("celery-gevent", "noop", 17),
    ("celery-threads", "fire_and_forget", 10),
    ("queue-bare", "noop", 4),
]
"""Redis commands of a request; `fire_and_forget` ignores its result."""
KNOWN_OF = {
    "streaq": {
        **dict.fromkeys(("exec", "incr", "multi", "publish", "sadd", "smembers", "subscribe", "unsubscribe"), 1.0),
        **dict.fromkeys(("xack", "xadd", "xclaim", "xdel", "xpending", "zadd", "punsubscribe"), 1.0),
        **dict.fromkeys(("del", "get", "set"), 2.0),
        "srem": 3.0,
    },
    "taskiq": dict.fromkeys(("getdel", "set", "xack", "xadd"), 1.0),
}
"""Redis commands of a request, by name, without those that read the stream and those that look for results."""

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize(("name", "workload", "commands"), KNOWN)
async def test_a_request_takes_a_known_number_of_commands(
    running: Running, name: str, workload: str, commands: int
) -> None:
    """As Celery's Redis transport and backend are written, and each library; of the bare queue two a list."""
    calls = await commands_of(running, name, workload)
    if "brpop" in calls:
        calls["brpop"] = round(calls["brpop"])  # other workers' idle looks are counted too
    if name.startswith("celery-") and OLDER:
        # Waiting takes long enough for many idle looks; heartbeats publish; collected results unsubscribe, some twice.
        calls = {key: calls[key] // 1 for key in calls.keys() - {"unsubscribe", "brpop"}} | {"brpop": 1}
        commands -= workload == "noop"
    assert sum(calls.values()) == commands


@pytest.mark.parametrize("name", sorted(set(KNOWN_OF) & set(CONTENDERS)))
async def test_a_request_takes_known_commands_of_a_queue(running: Running, name: str) -> None:
    """By their names: other workers' idle looks are counted too."""
    calls = await commands_of(running, name, "noop")
    assert {command: calls[command] for command in KNOWN_OF[name]} == KNOWN_OF[name]


@pytest.mark.skipif("taskiq" not in CONTENDERS, reason="taskiq is not installed")
async def test_results_that_were_read_are_gone(running: Running) -> None:
    """What taskiq stores for a driver, its driver removes as it reads it."""
    await asyncio.to_thread(submit, running, contender_named("taskiq"), "noop", [{}] * BATCH)
    with Redis.from_url(running.broker.place.url.reveal()) as client:
        assert client.exists("contract-taskiq") == 1
        assert client.keys("contract-taskiq.result*") == []


async def commands_of(running: Running, name: str, workload: str) -> dict[str, float]:
    """Of a request, when many are submitted at once."""
    definition = registry.load("workload", workload)
    payloads = [definition(definition.Params(), running.services(), 1).payload(number) for number in range(MANY)]
    before = await asyncio.to_thread(running.broker.reading)
    await asyncio.to_thread(submit, running, contender_named(name), workload, payloads)
    after = await asyncio.to_thread(running.broker.reading)
    return exact_costs((before, after), LoadFigures(throughput_per_s=1.0, completed=MANY)).calls
