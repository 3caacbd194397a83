"""The lean client: publishes ready-made messages in batches, and takes all results from one connection.

What the workers do is the same as with the usual client: they get the same messages and store results in the same way.
"""

import asyncio
import itertools
import logging
from collections.abc import Sequence
from time import monotonic_ns
from typing import Any

from celery import states

from harness.contenders.celery.client import SWEEP_EVERY_S, SWEEP_MOST, outcome_of
from harness.contenders.celery.lean.amqp_lines import AmqpPublisher, AmqpResults
from harness.contenders.celery.lean.batch import Batch, Meta
from harness.contenders.celery.lean.messages import Messages, ready_made
from harness.contenders.celery.lean.redis_lines import RedisPublisher, RedisResults
from harness.contenders.celery.pausing import PausingClient
from harness.contenders.celery.removal import Removal
from harness.contenders.contender import Assignment, Outcome, Request
from harness.machine.clock import NS
from harness.machine.threads import in_thread
from harness.services.brokers.broker import RPC, kind_of
from workloads.side import CelerySide

MOST = 500
"""Messages of a batch."""
log = logging.getLogger(__name__)


class LeanClient(PausingClient):
    """All that is submitted in one round of the event loop goes out together."""

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment) -> None:
        super().__init__(app, side, assignment)
        self._place = assignment.required_broker
        self._messages: Messages | None = None
        self._outbox = Batch()
        self._waiting: dict[str, tuple[Meta, Batch]] = {}
        """By id: the result to come, and the batch with which its message goes out."""
        self._publisher: RedisPublisher | AmqpPublisher
        self._results: RedisResults | AmqpResults
        self._sweeping: asyncio.Task[None]
        self._removal: Removal | None = None
        """None where results are messages."""

    def start(self) -> None:
        """Open both connections."""
        super().start()
        app, flush, attend = self._app, self._flush, self._results_are_up
        if kind_of(self._place.url) == "redis":
            with app.producer_or_acquire() as producer:
                self._publisher = RedisPublisher(producer.channel.pool, flush)
        else:
            self._publisher = AmqpPublisher(app, flush)
        if self._place.backend == RPC:
            self._results = AmqpResults(app, self._arrived, attend)
        else:
            self._results = RedisResults(app.backend, self._trial, self._arrived, attend)
            self._removal = Removal(app.backend)
        self._results.open()
        self._publisher.open()
        self._sweeping = self._loop.create_task(self._sweep())

    def stop(self) -> None:
        """Close them; what is still waited for is forgotten."""
        self._sweeping.cancel()
        self._results.close()
        self._publisher.close()
        self._waiting.clear()
        if self._removal is not None:
            self._removal.end()

    async def submit(self, request: Request) -> Outcome:
        """Have the message published with others, wait for the result."""
        kwargs = self._arguments(**request.payload)
        if self._messages is None:
            self._messages = ready_made(self._app, self._task, self._queue, kwargs)
        task_id = f"{self._trial}.{request.id}"
        future: Meta = self._loop.create_future()
        batch = self._outbox
        batch.add(task_id, self._messages.made(task_id, kwargs), future)
        if len(batch.ids) == 1:
            self._loop.call_soon(self._flush)
        elif len(batch.ids) >= MOST:
            self._flush()
        self._waiting[task_id] = future, batch
        try:
            meta = await future
        finally:
            self._waiting.pop(task_id, None)  # all are forgotten where the client has been stopped
            self._results.forget(task_id)
            if self._removal is not None:
                (self._removal.abandoned if future.cancelled() else self._removal.received)([task_id])
        return outcome_of(batch.published_ns or monotonic_ns(), meta)

    def _flush(self) -> None:
        """Send what waits, unless a connection is not there yet: then its coming up does."""
        if not (self._outbox.ids and self._publisher.up and self._results.up and self._messages):
            return
        batch, self._outbox = self._outbox, Batch()
        self._results.expect(batch.ids)
        self._publisher.send(self._messages.key, batch)

    def _results_are_up(self) -> None:
        """Some may have been stored while there was no connection."""
        if self._waiting:
            self._loop.create_task(self._look_up(list(self._waiting)))
        self._flush()

    def _arrived(self, task_id: str, stored: Any) -> None:
        """Drivers of the same trial see each other's results; and a task that is tried again has several states."""
        future, _ = self._waiting.get(task_id, (None, None))
        if future is None or future.done():
            return
        try:
            meta = self._results.decoded(stored)
        except Exception as error:  # noqa: BLE001 - what cannot be read is the failure of this request
            future.set_exception(error)
            return
        if meta["status"] in states.READY_STATES:
            future.set_result(meta)

    async def _sweep(self) -> None:
        """Look up, now and then, those that have been waited for for long: it costs little, and none is missed."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            before = monotonic_ns() - int(SWEEP_EVERY_S * NS)
            oldest = itertools.islice(self._waiting.items(), SWEEP_MOST)
            await self._look_up([task_id for task_id, (_, batch) in oldest if 0 < batch.published_ns < before])

    async def _look_up(self, ids: Sequence[str]) -> None:
        try:
            for task_id, stored in await in_thread(self._results.stored, ids):
                self._arrived(task_id, stored)
        except self._results.errors as error:  # it is tried again
            log.warning("Results could not be looked up: %s", error)
