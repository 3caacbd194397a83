"""Requests that are several Celery tasks: a canvas that is applied, or a caller that asks, waits and revokes."""

import asyncio
from collections.abc import Iterable, Iterator
from time import monotonic_ns
from typing import Any

from celery import chord
from celery.canvas import _chain

from harness.contenders.celery.client import CeleryClient, outcome_of
from harness.contenders.contender import Outcome, Request


class CanvasClient(CeleryClient):
    """Applies what `signature(**payload)` of the module gives; its last task replies, and has the request's id.

    The other tasks' ids begin with the request's, so that what they leave in the backend is removed with it.
    """

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self._others: dict[int, list[str]] = {}

    async def submit(self, request: Request) -> Outcome:
        """Apply the canvas, wait for its last task."""
        try:
            return await super().submit(request)
        finally:
            others = self._others.pop(request.id, ())
            if not self._one_queue:  # publishing has subscribed to the results of all
                for task_id in others:
                    self._backend.result_consumer.cancel_for(task_id)

    def _publish(self, request: Request, **_options: Any) -> Any:
        canvas = self._module.signature(**request.payload)
        task_id = f"{self._trial}.{request.id}"
        *others, last = parts(canvas)
        for number, part in enumerate(others):
            part.set(queue=self._queue, task_id=f"{task_id}-{number}")
        last.set(queue=self._queue, task_id=task_id)
        self._others[request.id] = [part.options["task_id"] for part in others]
        return canvas.apply_async(task_id=task_id)


def parts(canvas: Any) -> Iterator[Any]:
    """The signatures of a canvas's tasks; the one that replies is the last."""
    if isinstance(canvas, _chain):
        for part in canvas.tasks:
            yield from parts(part)
    elif isinstance(canvas, chord):
        for part in canvas.tasks:
            yield from parts(part)
        yield from parts(canvas.body)
    else:
        yield canvas


class OrchestratingClient(CeleryClient):
    """Calls `request(caller, **payload)` of the module, which publishes tasks and awaits what it likes of them."""

    async def submit(self, request: Request) -> Outcome:
        """Have the caller do it; the stamps are those of the first task of it that ended well."""
        caller = Caller(self, f"{self._trial}.{request.id}")
        try:
            reply = await self._module.request(caller, **request.payload)
        except Exception as error:
            return Outcome(None, f"{type(error).__name__}: {error}", caller.published)
        finally:
            caller.forget()
        outcome = caller.first or Outcome()
        outcome.reply, outcome.publish_end_ns = reply, caller.published
        return outcome

    def publish(self, signature: Any, task_id: str) -> "asyncio.Task[Outcome]":
        """Publish a task; the outcome comes when it has ended."""
        result = signature.apply_async(queue=self._queue, task_id=task_id)
        return asyncio.ensure_future(self._outcome(monotonic_ns(), result))

    async def _outcome(self, published: int, result: Any) -> Outcome:
        return outcome_of(published, await self._meta_of(result))

    def revoke(self, task_ids: list[str]) -> None:
        """Tell the workers not to begin these."""
        self._app.control.revoke(task_ids, destination=self._workers)


class Caller:
    """What a request's own code is given."""

    def __init__(self, client: OrchestratingClient, task_id: str) -> None:
        self._client = client
        self._task_id = task_id
        self._asked: dict[asyncio.Future[Any], tuple[str, asyncio.Task[Outcome]]] = {}
        self.published = 0
        self.first: Outcome | None = None

    def publish(self, signature: Any) -> "asyncio.Future[Any]":
        """A future of the task's reply; it raises what the task raised."""
        task_id = f"{self._task_id}.{len(self._asked)}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        task = self._client.publish(signature, task_id)
        self.published = monotonic_ns()
        self._asked[future] = task_id, task
        task.add_done_callback(lambda done: self._settle(future, done))
        return future

    def _settle(self, future: "asyncio.Future[Any]", done: "asyncio.Task[Outcome]") -> None:
        if done.cancelled() or future.done():
            return
        outcome = done.result()
        if outcome.error is not None:
            future.set_exception(RuntimeError(outcome.error))
            return
        self.first = self.first or outcome
        future.set_result(outcome.reply)

    def revoke(self, futures: Iterable["asyncio.Future[Any]"]) -> None:
        """Have those not begun that have not; what runs, runs to its end."""
        self._client.revoke([self._asked[future][0] for future in futures])

    def forget(self) -> None:
        """Wait for none of them any more."""
        for future, (_, task) in self._asked.items():
            task.cancel()
            if future.done() and not future.cancelled():
                future.exception()  # it has been seen
