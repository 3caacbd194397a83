"""The driver's side of Celery: publishes tasks and awaits their results in the event loop.

Celery has no API to await a result. One thread drains the result connection, and its callbacks only hand each
result to the loop; no task is polled, and `get()` is never called.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from queue import Empty
from time import monotonic_ns
from typing import Any

from celery import states

from harness.contenders.celery.backend import STAMPS
from harness.contenders.celery.pausing import PausingClient
from harness.contenders.celery.removal import Removal
from harness.contenders.contender import Assignment, Outcome, Request, StartedJob, error_text
from harness.errors import UsageError
from harness.services.brokers.broker import RPC
from workloads.scenario import Stopped
from workloads.side import CelerySide

DRAIN_S = 0.1
IDLE_S, LOOK_S = 0.5, 2.0
"""After so long without a request under way, the drainer waits for one, and looks at the connection as rarely as that:
each look costs CPU."""
RETRY_S = 0.2
SWEEP_EVERY_S = 2.0
SWEEP_MOST = 50
NO_STAMPS = (0, 0, "", "")
log = logging.getLogger(__name__)


class CeleryClient(PausingClient):
    """Submits one task after another; results come back through a single draining thread."""

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment) -> None:
        super().__init__(app, side, assignment)
        self._backend = app.backend
        self._one_queue = app.conf.result_backend == RPC.reveal()
        """Whether all results arrive on one queue, which must be kept."""
        self._removal = None if self._one_queue else Removal(self._backend)
        """None where results are messages."""
        self._look_for = _in_buffer if self._one_queue else _in_backend
        self._pending: dict[str, tuple[Any, float]] = {}
        """By id: the result, and since when it has been waited for."""
        self._swept = self._busy = time.monotonic()
        """When old results were last looked up, and when the drainer last saw a request under way."""
        self._wanted = threading.Event()
        """Set once a request is under way."""
        self._stopping = threading.Event()
        self._drainer = threading.Thread(target=self._drain, name="result-drainer", daemon=True)

    def start(self) -> None:
        """Open the result connection and start draining it."""
        super().start()
        self._backend.result_consumer.start("workbench-first")
        self._drainer.start()

    def stop(self) -> None:
        """Stop the drainer; what is still pending is forgotten."""
        self._stopping.set()
        self._wanted.set()
        self._drainer.join(timeout=5)
        self._pending.clear()
        if self._removal is not None:
            self._removal.end()

    async def submit(self, request: Request) -> Outcome:
        """Publish the task, wait for its result."""
        result = self._publish(request)
        return outcome_of(monotonic_ns(), await self._meta_of(result))

    def start_job(self, request: Request) -> StartedJob:
        """Publish the task; wait for its result unless it is ignored."""
        result = self._publish(request)
        meta = None if result.ignored else asyncio.ensure_future(self._meta_of(result))
        return PublishedJob(self._side, result, meta)

    def _publish(self, request: Request, **options: Any) -> Any:
        """The result to come of the task that replies."""
        task_id = f"{self._trial}.{request.id}"
        payload, queue = self._arguments(**request.payload), self._queue_of(request.payload)
        return self._task.apply_async(kwargs=payload, queue=queue, task_id=task_id, **options)

    async def _meta_of(self, result: Any) -> dict[str, Any]:
        """The result metadata of a task, once it has ended."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._expect(result)
        try:
            result.then(lambda ready: self._loop.call_soon_threadsafe(_resolve, future, ready._cache))
            meta: dict[str, Any] = await future
        except asyncio.CancelledError:
            self._backend.remove_pending_result(result)
            self._let_go([result.id], received=False)
            raise
        else:
            self._let_go([result.id])
            return meta
        finally:
            self._pending.pop(result.id, None)

    def _let_go(self, task_ids: Sequence[str], *, received: bool = True) -> None:
        """Have their results removed: they have been `received`, or nobody waits for them any more."""
        if self._removal is not None:
            (self._removal.received if received else self._removal.abandoned)(task_ids)

    def _expect(self, result: Any) -> None:
        """Have the drainer look for it."""
        self._pending[result.id] = result, time.monotonic()
        self._wanted.set()

    def _drain(self) -> None:
        """In the thread: resolve results as they arrive. Whatever fails is tried again, and logged once until it works.

        Requests whose results do not arrive are lost by their own deadlines.
        """
        failures = 0
        while not self._stopping.is_set():
            try:
                self._drain_once()
            except Exception:
                if not failures:
                    log.warning("Celery's results cannot be drained; trying again every %g s", RETRY_S, exc_info=True)
                failures += 1
                self._stopping.wait(RETRY_S)
            else:
                if failures:
                    log.warning("Celery's results are drained again, after %d failed attempts", failures)
                failures = 0

    def _drain_once(self) -> None:
        """Resolve results that arrive within a moment; now and then look up those that have been pending for long."""
        self._wait_while_idle()
        with contextlib.suppress(TimeoutError):  # nothing arrived
            self._backend.result_consumer.drain_events(timeout=DRAIN_S)
        if time.monotonic() - self._swept > SWEEP_EVERY_S:
            self._ask_for_old()
            self._swept = time.monotonic()

    def _wait_while_idle(self) -> None:
        """Where no request has been under way for a while, wait for one."""
        now = time.monotonic()
        if self._pending:
            self._busy = now
        elif now - self._busy > IDLE_S:
            self._wanted.clear()
            if not self._pending and not self._stopping.is_set():
                self._wanted.wait(LOOK_S)

    def _ask_for_old(self) -> None:
        """Look up results that arrived before `then()` was called, which would otherwise never be seen."""
        before = time.monotonic() - SWEEP_EVERY_S
        for result, since in list(self._pending.values())[:SWEEP_MOST]:
            if since < before:
                self._look_for(self._backend, result)


class PublishedJob:
    """A task that has been published."""

    def __init__(self, side: CelerySide, result: Any, meta: "asyncio.Task[dict[str, Any]] | None") -> None:
        self._stop = side.stop
        self._result = result
        self._meta = meta

    async def reply(self) -> Any:
        """Its result."""
        if self._meta is None:
            raise NotImplementedError("the task ignores its result")
        meta = await self._meta
        if meta["status"] == states.REVOKED:
            raise Stopped
        if meta["status"] != states.SUCCESS:
            raise meta["result"]
        return meta["result"]

    def stop(self) -> None:
        """Stop the task as the side declares."""
        if self._stop is None:
            raise UsageError("the scenario stops its work: the Celery side must declare how, as in CelerySide(stop=…)")
        self._stop(self._result)

    def forget(self) -> None:
        """Stop waiting for its result."""
        if self._meta is not None:
            self._meta.cancel()


def outcome_of(publish_end: int, meta: dict[str, Any]) -> Outcome:
    """Of a request, by what the backend says of its task."""
    start, end, host, boot_id = meta.get(STAMPS, NO_STAMPS)
    if meta["status"] == states.SUCCESS:
        return Outcome(meta["result"], None, publish_end, start, end, host, boot_id)
    return Outcome(None, error_text(meta["result"]), publish_end, start, end, host, boot_id)


def _in_backend(backend: Any, result: Any) -> None:
    """A result stored before its subscription."""
    result._maybe_set_cache(backend.get_task_meta(result.id))


def _in_buffer(backend: Any, result: Any) -> None:
    """A result whose message arrived before the subscription to it."""
    with contextlib.suppress(Empty):  # it has not arrived
        backend._maybe_resolve_from_buffer(result)


def _resolve(future: asyncio.Future[Any], meta: Any) -> None:
    if not future.done():
        future.set_result(meta)
