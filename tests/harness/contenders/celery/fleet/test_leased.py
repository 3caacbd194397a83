"""Commands of a lease, as they arrive: whoever is on the broker can send them."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from kombu.asynchronous.timer import Timer

from harness.contenders.celery.fleet.lease import LEASE_S
from harness.contenders.celery.fleet.leased import LOOK_EVERY_S, Leased, is_of_run
from harness.services.brokers.broker import broker_url
from harness.services.waiting_places import waiting_place

RUN, HOLDER = "20261126-quick:0a1b2c", "20261126-quick:0a1b2c (host, process 7)"
QUEUE = f"{RUN}:celery-prefork-16"


def test_a_run_may_name_queues_of_its_own() -> None:
    """Below its name; or none."""
    assert is_of_run(RUN, HOLDER, f"{RUN}:celery-prefork-16")
    assert is_of_run(RUN, HOLDER, "")


@pytest.mark.parametrize(
    ("run", "holder", "queue"),
    [
        (RUN, HOLDER, "celery"),
        (RUN, HOLDER, "other:0a1b2c:celery-prefork-16"),
        (RUN, HOLDER, f"{RUN}:"),
        (RUN, HOLDER, f"{RUN}:a/b"),
        (RUN, HOLDER, f"{RUN}:a b"),
        (RUN, HOLDER, RUN),
        (RUN, HOLDER, ["celery"]),
        (RUN, "two\nlines", ""),
        (RUN, "", ""),
        (RUN, None, ""),
        ("", HOLDER, ""),
        ("a run", HOLDER, ""),
        ("run:zzzzzz", HOLDER, ""),
        ("r" * 300 + ":0a1b2c", HOLDER, ""),
        (7, HOLDER, ""),
    ],
)
def test_nothing_else_leases_a_worker_or_has_it_take_from_a_queue(run: Any, holder: Any, queue: Any) -> None:
    """No queue but a run's own, and no text that a terminal would interpret."""
    assert not is_of_run(run, holder, queue)


class Consumer:
    """A worker's, as far as a lease goes."""

    def __init__(self) -> None:
        self.timer = Timer()
        self.pool = SimpleNamespace(uses_semaphore=True)
        self.taken: list[str] = []
        self.cancelled: list[str] = []

    def call_soon(self, call: Any, *arguments: Any) -> None:
        """Now."""
        call(*arguments)

    def add_task_queue(self, queue: str) -> None:
        """Take from it."""
        self.taken.append(queue)

    def cancel_task_queue(self, queue: str) -> None:
        """Take no more from it."""
        self.cancelled.append(queue)


@pytest.fixture
def leased() -> Leased:
    """Of a worker on a Redis that nobody connects to."""
    app = Celery("x", set_as_current=False, fixups=[])
    app.amqp.queues.select(["idle:a"])
    return Leased(app, waiting_place(broker_url("redis://x"), None))


def test_a_lease_ends_although_the_broker_was_away_meanwhile(leased: Leased, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its connection, a consumer may drop its timer: the lease of a run that has gone would never end."""
    (step,) = leased._app.steps["consumer"]
    consumer, now_s = Consumer(), 1000.0
    monkeypatch.setattr("harness.contenders.celery.fleet.leased.monotonic", lambda: now_s)
    leased.lease._now = lambda: now_s
    step(consumer).start(consumer)
    leased.lease.take(RUN, HOLDER, QUEUE)
    consumer.timer.clear()
    step(consumer).start(consumer)
    step(consumer).start(consumer)
    looking = [scheduled.entry for scheduled in consumer.timer.queue if not scheduled.entry.canceled]
    assert len(looking) == 1
    for _ in range(int(LEASE_S)):
        assert leased.lease.run
        now_s += LOOK_EVERY_S
        leased._look()
    assert consumer.cancelled == [QUEUE]
    assert not leased.lease.run


def test_a_consumer_that_connects_again_takes_from_the_queues_of_its_lease(leased: Leased) -> None:
    """It takes from those that are selected; a queue that was only added would be forgotten."""
    leased.lease.take(RUN, HOLDER, QUEUE)
    consumer = Consumer()
    leased._consume(consumer, QUEUE)
    assert consumer.taken == [QUEUE]
    assert set(leased._app.amqp.queues.consume_from) == {"idle:a", QUEUE}
    busy = SimpleNamespace(call_soon=lambda *_: None)  # it loses its connection before it comes to that
    leased._leave(SimpleNamespace(consumer=busy), RUN, QUEUE)
    assert set(leased._app.amqp.queues.consume_from) == {"idle:a"}


def test_what_waits_is_back_soon_after_its_broker(leased: Leased, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that was away, it tries again as often, and does not give up."""
    slept: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", slept.append)
    connection = leased._app.connection_for_read("memory://")
    refused = [ConnectionRefusedError()] * 200

    def connect() -> None:
        if refused:
            raise refused.pop()

    monkeypatch.setattr(connection, "_connection_factory", connect)
    monkeypatch.setattr(type(connection), "recoverable_connection_errors", (OSError,))
    pauses: list[float] = []
    most = leased._app.conf.broker_connection_max_retries
    connection.ensure_connection(lambda error, pause_s: pauses.append(pause_s), most)
    assert set(pauses) == {2}
    assert len(pauses) == 200
