"""Puts what falls due at about the same time into one task, and hands its replies out to the requests."""

import asyncio
from time import monotonic_ns
from typing import Any

import msgspec

from harness.contenders.celery.chunks import Ran, chunk_name
from harness.contenders.celery.client import CeleryClient, outcome_of
from harness.contenders.contender import Assignment, Outcome, Request, attempt
from harness.contenders.settings.celery_setting import CHUNK_WAIT_S
from workloads.side import CelerySide


class Chunk:
    """Requests that share a task, and who waits for each."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.outcomes: list[asyncio.Future[Outcome]] = []
        self.published_ns = 0
        self.answering: asyncio.Task[None] | None = None
        """Waits for the task's result, once it is published."""

    def let_go(self) -> None:
        """Stop waiting for its result where no request waits any more."""
        if self.answering is not None and all(outcome.done() for outcome in self.outcomes):
            self.answering.cancel()


class ChunkClient(CeleryClient):
    """A chunk is published once it is full, or once its first request has waited for `CHUNK_WAIT_S` seconds."""

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment, most: int) -> None:
        """`most`: payloads of a chunk."""
        super().__init__(app, side, assignment)
        self._name = chunk_name(assignment.workload)
        self._most = most
        self._filling = Chunk()
        self._timer: asyncio.TimerHandle | None = None

    async def submit(self, request: Request) -> Outcome:
        """Have it published with others, wait for its own reply."""
        chunk = self._filling
        outcome: asyncio.Future[Outcome] = self._loop.create_future()
        chunk.requests.append(request)
        chunk.outcomes.append(outcome)
        if len(chunk.requests) >= self._most:
            self._send()
        elif self._timer is None:
            self._timer = self._loop.call_later(CHUNK_WAIT_S, self._send)
        try:
            return await outcome
        except asyncio.CancelledError:
            chunk.let_go()
            raise

    def _send(self) -> None:
        """Publish what has come together; the next request begins another chunk."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        chunk, self._filling = self._filling, Chunk()
        chunk.answering = self._loop.create_task(self._answer(chunk))

    async def _answer(self, chunk: Chunk) -> None:
        """Publish it, and hand out what comes back; what fails as a whole fails each."""
        ran, error = await attempt(self._ran(chunk))
        failed = Outcome(None, error, chunk.published_ns)
        for number, outcome in enumerate(chunk.outcomes):
            if not outcome.done():
                outcome.set_result(failed if ran is None else ran[number])

    async def _ran(self, chunk: Chunk) -> list[Outcome]:
        """The outcome of each; of none where the task itself has failed."""
        ids = [f"{self._trial}.{request.id}" for request in chunk.requests]
        payloads = [self._arguments(**request.payload) for request in chunk.requests]
        arguments = {"ids": ids, "payloads": payloads}
        result = self._app.send_task(  # its root says whose it is; each payload notes its own execution
            self._name, kwargs=arguments, queue=self._queue, task_id=f"{ids[0]}-chunk", root_id=ids[0]
        )
        chunk.published_ns = monotonic_ns()
        meta = await self._meta_of(result)
        whole = outcome_of(chunk.published_ns, meta)
        if whole.error is not None:
            return [whole] * len(ids)
        replied = msgspec.convert(whole.reply, list[Ran])
        if len(replied) != len(ids):
            raise ValueError(f"a chunk of {len(ids)} payloads came back with {len(replied)} replies")
        return [
            Outcome(ran.reply, ran.error, chunk.published_ns, ran.began_ns, ran.ended_ns, whole.host, whole.boot_id)
            for ran in replied
        ]
