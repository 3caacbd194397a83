"""One contract, every contender: the same cases against real Redis, real workers and a real origin."""

import asyncio
from pathlib import Path

import pytest

from harness import registry
from harness.contenders.celery.control import ask
from harness.contenders.contender import WorkersPlace
from harness.machine.usage import boot_id
from tests.contract.conftest import (
    ANSWER_S,
    BATCH,
    CONTENDERS,
    SLOTS,
    Running,
    contender_named,
    skip_without_postgres,
    submit,
    submitted,
)
from workloads.workload import Services

CELERY = [name for name in CONTENDERS if name.startswith("celery-")]
QUEUES = [name for name in CONTENDERS if registry.load("contender", name).side == "reference"]
REAL = [name for name in CONTENDERS if name != "fake"]
SCENARIOS = {name for name in registry.names("workload") if not registry.load("workload", name).one_execution}
VARYING = {"http_date", "mixed_cpu", "first_response", "rate_limited"} | SCENARIOS
"""Workloads whose reply depends on the moment."""
AT_ONCE = {"periodic": 1}
"""Fewer requests of what starts a process for each."""

pytestmark = pytest.mark.asyncio(loop_scope="package")


def does(name: str, workload: str) -> bool:
    """Whether the contender can do that work at all."""
    return contender_named(name).cannot(workload, None) is None


@pytest.mark.parametrize(
    ("name", "workload"),
    [
        *((name, work) for name in REAL for work in registry.names("workload") if does(name, work)),
        *(("fake", workload) for workload in ("noop", "sleep", "http_date")),
    ],
)
async def test_every_reply_passes_the_workloads_check(running: Running, name: str, workload: str) -> None:
    """More requests than slots at once: each gets its own right reply, and stamps in order."""
    skip_without_postgres(running, workload)
    definition = registry.load("workload", workload)
    made = definition(definition.Params(), running.services(), 1)
    payloads = [made.payload(number) for number in range(AT_ONCE.get(workload, BATCH))]
    outcomes = await asyncio.to_thread(submit, running, contender_named(name), workload, payloads)
    assert len(outcomes) == len(payloads)
    for payload, outcome in zip(payloads, outcomes, strict=True):
        assert outcome.error is None
        assert made.check(payload, outcome.reply) is None
        assert 0 <= outcome.exec_start_ns <= outcome.exec_end_ns
        assert outcome.boot_id == boot_id()
        assert outcome.host


@pytest.mark.parametrize("workload", sorted(set(registry.names("workload")) - VARYING))
async def test_both_sides_give_the_same_replies(running: Running, workload: str) -> None:
    """To the same payloads."""
    skip_without_postgres(running, workload)
    definition = registry.load("workload", workload)
    made = definition(definition.Params(), running.services(), 7)
    payloads = [made.payload(number) for number in range(BATCH)]
    asked = [
        await asyncio.to_thread(submit, running, contender_named(name), workload, payloads)
        for name in ("asyncio", "celery-threads")
    ]
    one, other = ([outcome.reply for outcome in outcomes] for outcomes in asked)
    assert one == other


@pytest.mark.parametrize("workload", ["http_fanout", "pipeline", "comment_tree", "first_response", "flaky_http"])
@pytest.mark.parametrize("name", CELERY)
async def test_a_request_of_several_tasks_is_executed_once(running: Running, name: str, workload: str) -> None:
    """Its parts, a task that replaced itself, and further attempts are no duplicates."""
    definition = registry.load("workload", workload)
    made = definition(definition.Params(), running.services(), 3)
    payloads = [made.payload(number) for number in range(BATCH)]
    done = await asyncio.to_thread(submitted, running, contender_named(name), workload, payloads)
    executed = (await running.workers[name].executed(done.trial)).numbers
    assert sorted(executed.tolist()) == list(range(BATCH))


@pytest.mark.parametrize("workload", ["http_fanout", "pipeline", "comment_tree", "first_response"])
async def test_all_tasks_of_a_request_stay_on_its_queue(running: Running, workload: str) -> None:
    """Also what a task publishes itself, in a worker that takes the queues of other runs than it was started for."""
    (worker,), _ = running.workers["celery-threads"].described()
    place = WorkersPlace(broker=running.broker.place, queue="contract-elsewhere", log=Path())
    own, elsewhere = {"queue": "contract-celery-threads"}, {"queue": "contract-elsewhere"}
    await ask(place, "add_consumer", elsewhere, [worker.name], ANSWER_S)
    await ask(place, "cancel_consumer", own, [worker.name], ANSWER_S)
    definition = registry.load("workload", workload)
    payload = definition(definition.Params(), running.services(), 5).payload(0)
    try:
        done = await asyncio.to_thread(
            submitted, running, contender_named("celery-threads"), workload, [payload], queue="contract-elsewhere"
        )
    finally:
        await ask(place, "add_consumer", own, [worker.name], ANSWER_S)
        await ask(place, "cancel_consumer", elsewhere, [worker.name], ANSWER_S)
    assert [outcome.error for outcome in done.outcomes] == [None]


@pytest.mark.parametrize(
    ("workload", "error"),
    [
        ("http_fanout", "404"),
        ("pipeline", "404"),
        ("comment_tree", "404"),
        ("first_response", "no mirror gave a good answer"),
    ],
)
async def test_a_part_that_fails_fails_the_request(running: Running, workload: str, error: str) -> None:
    """At once, whether or not the part's result is stored: nobody waits for a reply that cannot come."""
    assert registry.load("contender", "celery-threads").several(workload)
    definition = registry.load("workload", workload)
    payload = definition(definition.Params(), Services(origin_url=f"{running.origin.url}/nowhere"), 1).payload(0)
    (outcome,) = await asyncio.to_thread(submit, running, contender_named("celery-threads"), workload, [payload])
    assert error in str(outcome.error)


@pytest.mark.parametrize("name", REAL)
async def test_what_the_work_raises_comes_back_as_the_error(running: Running, name: str) -> None:
    """Kind and text; and the next request is served as if nothing had been."""
    bad = {"url": f"{running.origin.url}/nowhere", "client": "urllib3"}
    good = {"url": f"{running.origin.url}/events", "client": "urllib3"}
    first, second = await asyncio.to_thread(submit, running, contender_named(name), "http_date", [bad, good])
    assert first.error is not None
    assert "404" in first.error
    if name in CELERY and name != "celery-asyncio":  # as its own kind, whatever lies in between
        assert first.error == f"StatusError: GET {bad['url']}: status 404"
    assert second.error is None


@pytest.mark.parametrize("client", ["urllib3", "requests"])
async def test_both_http_clients_of_the_celery_side_give_the_date(running: Running, client: str) -> None:
    """`urllib3` and `requests`."""
    payload = {"url": f"{running.origin.url}/events", "client": client}
    (outcome,) = await asyncio.to_thread(submit, running, contender_named("celery-threads"), "http_date", [payload])
    assert outcome.error is None
    assert outcome.reply.endswith("GMT")


@pytest.mark.parametrize("name", CELERY)
async def test_workers_run_with_what_was_asked_of_them(running: Running, name: str) -> None:
    """Pool, slots, and JSON alone on every path."""
    described, effective = running.workers[name].described()
    assert len(described) == 1
    assert described[0].boot_id == boot_id()
    assert effective["pool"] == ("threads" if name == "celery-asyncio" else name.removeprefix("celery-"))
    assert effective["slots"] == SLOTS[name]
    assert effective["accept_content"] == ["json"]
    assert effective["serializer"] == "json"
    assert effective["debug"] is False
    assert effective["tasks"] == ([] if name == "celery-asyncio" else registry.names("workload"))
    asked = contender_named(name).settings(SLOTS[name], "sleep")
    assert {key: effective[key] for key in asked} == asked


@pytest.mark.parametrize("name", [*CELERY, *QUEUES])
async def test_workers_count_what_they_execute_and_report_their_usage(running: Running, name: str) -> None:
    """Executions to the number; CPU that only grows; memory of the whole tree."""
    workers = running.workers[name]
    before = await workers.reading(memory=False)
    await asyncio.to_thread(submit, running, contender_named(name), "noop", [{}] * BATCH)
    after = await workers.reading(memory=True)
    assert before.count is not None
    assert after.count == before.count + BATCH
    assert after.cpu_s > before.cpu_s
    assert after.memory_mb is not None
    assert after.memory_mb > 10
    assert after.memory_kind in ("pss", "rss")
    assert after.processes == (1 + SLOTS[name] if name == "celery-prefork" else 1)


@pytest.mark.parametrize("name", [*CELERY, *QUEUES])
async def test_workers_tell_which_requests_of_a_trial_they_executed(running: Running, name: str) -> None:
    """Each number as often as it was executed; other trials' requests are not among them."""
    await asyncio.to_thread(submit, running, contender_named(name), "noop", [{}] * 2)
    done = await asyncio.to_thread(submitted, running, contender_named(name), "noop", [{}] * BATCH)
    executed = (await running.workers[name].executed(done.trial)).numbers
    assert sorted(executed.tolist()) == list(range(BATCH))
    assert (await running.workers[name].executed(done.trial)).numbers.tolist() == []


@pytest.mark.parametrize("name", [name for name in CONTENDERS if contender_named(name).not_paused is None])
async def test_a_paused_contender_executes_nothing_until_it_is_resumed(running: Running, name: str) -> None:
    """Then everything; and after that it goes on as before."""
    payloads = [{"seconds": 0.01}] * BATCH
    done = await asyncio.to_thread(submitted, running, contender_named(name), "sleep", payloads, paused=True)
    assert [outcome.reply for outcome in done.outcomes] == [0.01] * BATCH
    if name != "fake":  # its clock is its own
        assert min(outcome.exec_start_ns for outcome in done.outcomes) >= done.resumed_ns
    again = await asyncio.to_thread(submit, running, contender_named(name), "sleep", payloads[:1])
    assert again[0].error is None


@pytest.mark.parametrize("name", [*CELERY, *QUEUES, "asyncio"])
async def test_as_many_as_the_slots_execute_at_once(running: Running, name: str) -> None:
    """By the stamps of execution: the most that overlap is the number of slots."""
    outcomes = await asyncio.to_thread(submit, running, contender_named(name), "sleep", [{"seconds": 0.2}] * BATCH)
    edges = [(outcome.exec_start_ns, 1) for outcome in outcomes] + [(outcome.exec_end_ns, -1) for outcome in outcomes]
    at_once = most = 0
    for _, change in sorted(edges):
        at_once += change
        most = max(most, at_once)
    assert most == SLOTS[name]


async def test_the_origin_counts_what_it_served(running: Running) -> None:
    """An eye that is not the harness's."""
    before = await asyncio.to_thread(running.origin.reading, False)
    payloads = [{"url": f"{running.origin.url}/events", "client": "urllib3"}] * BATCH
    await asyncio.to_thread(submit, running, contender_named("asyncio"), "http_date", payloads)
    after = await asyncio.to_thread(running.origin.reading, False)
    assert before is not None
    assert after is not None
    assert before.count is not None
    assert after.count == before.count + BATCH


async def test_pickle_is_not_accepted(running: Running) -> None:
    """A pickled message is refused by the worker: it never becomes a task."""
    from harness.contenders.celery.config import configure

    workers = running.workers["celery-threads"]
    before = await workers.reading(memory=False)
    app = configure(running.broker.place, "contract-celery-threads")
    with app.connection_for_write() as connection:
        producer = app.amqp.Producer(connection, auto_declare=False)
        body = b"\x80\x04N."  # pickled None
        producer.publish(
            body,
            routing_key="contract-celery-threads",
            exchange="",
            content_type="application/x-python-serialize",
            content_encoding="binary",
            headers={"task": "noop", "id": "pickled"},
        )
    await asyncio.to_thread(submit, running, contender_named("celery-threads"), "noop", [{}])
    after = await workers.reading(memory=False)
    assert before.count is not None
    assert after.count == before.count + 1
