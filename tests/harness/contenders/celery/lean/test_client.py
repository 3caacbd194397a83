"""The lean client without connections: when messages go out, and what becomes of results."""

import asyncio
from typing import Any, cast

import pytest
from celery import Celery

from harness.contenders.celery.backend import STAMPS
from harness.contenders.celery.lean import client as module
from harness.contenders.celery.lean.batch import Batch
from harness.contenders.celery.lean.client import LeanClient
from harness.contenders.contender import Assignment, Request
from harness.services.brokers.broker import BrokerPlace, broker_url
from workloads.side import CelerySide
from workloads.workload import Services

PLACE = BrokerPlace(broker_url("redis://127.0.0.1:1/0"), broker_url("redis://127.0.0.1:1/0"))
DONE = {"status": "SUCCESS", "result": "reply", STAMPS: [1, 2, "host", "boot"]}
app = Celery("lean-client", broker="memory://", set_as_current=False)


@app.task(name="lean-client", shared=False)
def step(**_payload: Any) -> None:
    """Any task."""


class Publisher:
    """Notes what it is given."""

    def __init__(self) -> None:
        self.up = True
        self.batches: list[Batch] = []

    def send(self, key: bytes, batch: Batch) -> None:
        """It has it."""
        assert key == b"key"
        batch.published_ns = 7
        self.batches.append(batch)


class Results:
    """What is stored is the metadata, or an exception."""

    def __init__(self) -> None:
        self.up = True
        self.expected: list[list[str]] = []
        self.forgotten: list[str] = []
        self.there: list[tuple[str, Any]] = []

    def expect(self, ids: list[str]) -> None:
        """Noted."""
        self.expected.append(list(ids))

    def forget(self, task_id: str) -> None:
        """Noted."""
        self.forgotten.append(task_id)

    def decoded(self, stored: Any) -> Any:
        """As it is."""
        if isinstance(stored, Exception):
            raise stored
        return stored

    def stored(self, ids: list[str]) -> list[tuple[str, Any]]:
        """Those of them that there are."""
        return [(task_id, meta) for task_id, meta in self.there if task_id in ids]


class ReadyMade:
    """Messages that are their ids."""

    key = b"key"

    def made(self, task_id: str, _kwargs: dict[str, Any]) -> bytes:
        """The id."""
        return task_id.encode()


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> LeanClient:
    """With doubles instead of connections."""
    monkeypatch.setattr(module, "ready_made", lambda *_: ReadyMade())
    assignment = Assignment(workload="noop", slots=1, services=Services(), broker=PLACE, queue="q", trial=5)
    made = LeanClient(app, CelerySide(task=step), assignment)
    made._publisher, made._results = cast(Any, Publisher()), cast(Any, Results())
    return made


def submitted(client: LeanClient, *numbers: int) -> list[asyncio.Task[Any]]:
    """Requests at once."""
    return [asyncio.create_task(client.submit(Request(number, {}))) for number in numbers]


async def turns(count: int) -> None:
    """Let the event loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_submitted_at_once_goes_out_together(client: LeanClient) -> None:
    """Its results are expected before that; each request gets its own."""
    tasks = submitted(client, 1, 2, 3)
    await turns(3)
    (batch,) = cast(Any, client._publisher).batches
    assert batch.ids == ["5.1", "5.2", "5.3"]
    assert batch.messages == [b"5.1", b"5.2", b"5.3"]
    results = cast(Any, client._results)
    assert results.expected == [["5.1", "5.2", "5.3"]]
    for number in (3, 1, 2):
        client._arrived(f"5.{number}", DONE | {"result": number})
    outcomes = await asyncio.gather(*tasks)
    assert [outcome.reply for outcome in outcomes] == [1, 2, 3]
    assert {(one.publish_end_ns, one.exec_start_ns, one.exec_end_ns, one.host) for one in outcomes} == {
        (7, 1, 2, "host")
    }
    assert sorted(results.forgotten) == ["5.1", "5.2", "5.3"]
    assert client._waiting == {}


async def test_a_batch_has_its_most(client: LeanClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more goes out with the next."""
    monkeypatch.setattr(module, "MOST", 2)
    tasks = submitted(client, *range(5))
    await turns(3)
    assert [len(batch.ids) for batch in cast(Any, client._publisher).batches] == [2, 2, 1]
    for task in tasks:
        task.cancel()


@pytest.mark.parametrize("line", ["_publisher", "_results"])
async def test_nothing_goes_out_before_both_connections_are_up(client: LeanClient, line: str) -> None:
    """It waits, and goes out when they are: a result could be missed."""
    getattr(client, line).up = False
    (task,) = submitted(client, 1)
    await turns(3)
    assert cast(Any, client._publisher).batches == []
    getattr(client, line).up = True
    client._results_are_up()
    assert len(cast(Any, client._publisher).batches) == 1
    task.cancel()


async def test_states_before_the_last_and_results_of_others_are_no_replies(client: LeanClient) -> None:
    """A task that is tried again stores that; another driver of the trial has its own; a second result is late."""
    (task,) = submitted(client, 1)
    await turns(3)
    client._arrived("5.1", {"status": "RETRY", "result": None})
    client._arrived("5.2", ValueError("not even read"))
    await turns(2)
    assert not task.done()
    client._arrived("5.1", DONE)
    client._arrived("5.1", DONE | {"result": "again"})
    assert (await task).reply == "reply"


async def test_what_a_task_raised_is_its_error(client: LeanClient) -> None:
    """And so is a result that cannot be read."""
    raised, unreadable = submitted(client, 1, 2)
    await turns(3)
    client._arrived("5.1", {"status": "FAILURE", "result": KeyError("lost")})
    client._arrived("5.2", ValueError("not JSON"))
    assert (await raised).error == "KeyError: 'lost'"
    with pytest.raises(ValueError, match="not JSON"):
        await unreadable


async def test_a_request_whose_time_is_over_is_forgotten(client: LeanClient) -> None:
    """Its result may still come."""
    (task,) = submitted(client, 1)
    await turns(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert client._waiting == {}
    client._arrived("5.1", DONE)


async def test_results_stored_while_there_was_no_connection_are_looked_up(client: LeanClient) -> None:
    """As soon as it is there again."""
    (task,) = submitted(client, 1)
    await turns(3)
    cast(Any, client._results).there = [("5.1", DONE)]
    client._results_are_up()
    assert (await asyncio.wait_for(task, 10)).reply == "reply"
