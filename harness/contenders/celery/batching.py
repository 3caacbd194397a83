"""Publishes in batches: what is submitted within a millisecond goes to the broker as one pipeline."""

import asyncio
from time import monotonic_ns
from typing import Any

from harness.contenders.celery.client import CeleryClient, outcome_of
from harness.contenders.contender import Assignment, Outcome, Request
from workloads.side import CelerySide

WITHIN_S = 0.001
MOST = 100


class BatchingClient(CeleryClient):
    """Waits for more to publish with the first, up to `WITHIN_S` seconds or `MOST` messages."""

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment) -> None:
        super().__init__(app, side, assignment)
        self._waiting: list[tuple[Request, asyncio.Future[tuple[int, Any]]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Check that the transport supports batches: otherwise kombu would silently publish one message at a time."""
        super().start()
        with self._app.producer_or_acquire() as producer:
            if not producer.supports_batch_publish:
                raise RuntimeError("kombu cannot publish in batches over this connection")

    async def submit(self, request: Request) -> Outcome:
        """Have the task published with others, wait for its result."""
        published: asyncio.Future[tuple[int, Any]] = self._loop.create_future()
        self._waiting.append((request, published))
        if len(self._waiting) >= MOST:
            self._publish_all()
        elif self._timer is None:
            self._timer = self._loop.call_later(WITHIN_S, self._publish_all)
        at_ns, result = await published
        return outcome_of(at_ns, await self._meta_of(result))

    def _publish_all(self) -> None:
        """One batch; where it fails, each request of it has failed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        try:
            with self._app.producer_or_acquire() as producer, producer.batch(MOST):
                results = [self._publish(request, producer=producer) for request, _ in batch]
        except Exception as error:  # noqa: BLE001 - every request of the batch gets it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        at_ns = monotonic_ns()
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result((at_ns, result))
