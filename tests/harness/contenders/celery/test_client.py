"""The thread that drains Celery's results: what fails in it is logged and tried again."""

import asyncio
import logging
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.contenders.celery import client as module
from harness.contenders.celery import pausing
from harness.contenders.celery.client import CeleryClient
from harness.contenders.celery.config import connections
from harness.contenders.contender import Assignment
from harness.services.brokers.broker import BrokerPlace
from harness.services.url import Url
from workloads.workload import Services

ASSIGNMENT = Assignment(workload="noop", slots=1, services=Services(), queue="q")


class Consumer:
    """Drains as it is told: an exception is raised; then it is quiet."""

    def __init__(self, *drains: Exception | None) -> None:
        self._drains = iter(drains)
        self.quiet = threading.Event()

    def start(self, _task_id: str) -> None:
        """Nothing to open."""

    def drain_events(self, timeout: float) -> None:
        """The next one."""
        try:
            error = next(self._drains)
        except StopIteration:
            self.quiet.set()
            error = TimeoutError()
        if error is not None:
            raise error


async def drained(monkeypatch: pytest.MonkeyPatch, *drains: Exception | None) -> None:
    """Run the thread until it is quiet."""
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    monkeypatch.setattr(pausing, "OwnWorkers", lambda _app, _workers: None)
    consumer = Consumer(*drains)
    app = SimpleNamespace(
        backend=SimpleNamespace(result_consumer=consumer, client=None), conf=SimpleNamespace(result_backend="redis://")
    )
    side = SimpleNamespace(task=None, ignores=())
    client = CeleryClient(app, cast(Any, side), ASSIGNMENT)
    client.start()
    assert await asyncio.to_thread(consumer.quiet.wait, 10)
    client.stop()


async def test_a_connection_that_fails_is_logged_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With its cause; and that it works again, after how many attempts."""
    await drained(monkeypatch, ConnectionError("gone"), ConnectionError("gone"), OSError("still gone"), None)
    first, again = caplog.records
    assert first.levelno == logging.WARNING
    assert first.exc_info is not None
    assert repr(first.exc_info[1]) == "ConnectionError('gone')"
    assert again.getMessage() == "Celery's results are drained again, after 3 failed attempts"


async def test_that_nothing_arrived_is_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the usual case."""
    await drained(monkeypatch, TimeoutError(), None, TimeoutError())
    assert caplog.records == []


async def test_a_drainer_that_is_idle_looks_again_once_a_request_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, not when its wait is over; of whatever client the request is."""
    monkeypatch.setattr(module, "IDLE_S", -1.0)
    monkeypatch.setattr(module, "LOOK_S", 600.0)
    monkeypatch.setattr(pausing, "OwnWorkers", lambda _app, _workers: None)
    consumer = Consumer()
    app = SimpleNamespace(
        backend=SimpleNamespace(result_consumer=consumer), conf=SimpleNamespace(result_backend="redis://")
    )
    client = CeleryClient(app, cast(Any, SimpleNamespace(task=None, ignores=())), ASSIGNMENT)
    client.start()
    client._expect(SimpleNamespace(id="1.1"))
    assert await asyncio.to_thread(consumer.quiet.wait, 10)
    client.stop()


@pytest.mark.parametrize(("backend", "one_queue"), [("rpc://", True), ("redis://127.0.0.1:1/0", False)])
async def test_results_as_messages_arrive_on_one_queue(backend: str, one_queue: bool) -> None:
    """Which must be kept when a single task is forgotten; by the backend that an application is given for its URL."""
    place = BrokerPlace(url=Url.parse("redis://127.0.0.1:1/0", "test", ""), backend=Url.parse(backend, "test", ""))
    conf = SimpleNamespace(result_backend=connections(place)["result_backend"])
    app = SimpleNamespace(backend=None, conf=conf)
    assert CeleryClient(app, cast(Any, SimpleNamespace(task=None, ignores=())), ASSIGNMENT)._one_queue is one_queue
