"""Requests whose caller publishes several tasks, awaits some of their replies, and revokes the rest."""

from contextvars import ContextVar
from functools import partial
from time import monotonic_ns
from typing import Any

from celery import states

from harness.contenders.celery.client import CeleryClient, outcome_of
from harness.contenders.contender import Assignment, Outcome, Request, attempt
from harness.contenders.sides.declaration import ignoring
from workloads.side import CelerySide, Work


class OrchestratingClient(CeleryClient):
    """Runs the side's `request`, and watches what it publishes.

    The code itself is plain Celery: where the application sends a task, this gives it an id below the request's, and
    the trial's queue.
    """

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment, request: Work) -> None:
        super().__init__(app, side, assignment)
        self._request = ignoring(request, side.ignores)
        self._caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
        self._send: Any = None

    def start(self) -> None:
        """Stand between the tasks' `apply_async` and the application."""
        super().start()
        self._send = self._app.send_task
        self._app.send_task = self._send_task

    def stop(self) -> None:
        """Leave the application as it was."""
        self._app.send_task = self._send
        super().stop()

    async def submit(self, request: Request) -> Outcome:
        """Run the side's `request`; the stamps are those of its first task that succeeded."""
        caller = Caller(f"{self._trial}.{request.id}")
        token = self._caller.set(caller)
        try:
            reply, error = await attempt(self._request(**request.payload))
        finally:
            self._caller.reset(token)
            self._forget(caller)
        if error is not None or caller.first is None:
            return Outcome(reply, error, caller.published_ns)
        outcome = outcome_of(caller.published_ns, caller.first)
        outcome.reply = reply
        return outcome

    def _send_task(self, *args: Any, **options: Any) -> Any:
        """In place of the application's `send_task`, which publishes every task."""
        caller = self._caller.get()
        if caller is None:
            return self._send(*args, **options)
        result = self._send(*args, **options | {"queue": self._queue, "task_id": caller.next_id()})
        self._expect(result)
        caller.has_published(result)
        return result

    def _forget(self, caller: "Caller") -> None:
        """Stop waiting for its tasks."""
        for result in caller.results:
            self._pending.pop(result.id, None)
            self._let_go([result.id], received=result._cache is not None)
            if result._cache is None:
                self._backend.remove_pending_result(result)


class Caller:
    """The tasks that a request's code has published."""

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self.results: list[Any] = []
        self.published_ns = 0
        self.first: dict[str, Any] | None = None
        """The result metadata of the first task that succeeded."""

    def next_id(self) -> str:
        """The id of the next task."""
        return f"{self._request_id}.{len(self.results)}"

    def has_published(self, result: Any) -> None:
        """Record a task and its end."""
        self.published_ns = monotonic_ns()
        self.results.append(result)
        result.then(partial(_note, self))


def _note(caller: Caller, ready: Any) -> None:
    """In the thread that drains."""
    if caller.first is None and ready._cache["status"] == states.SUCCESS:
        caller.first = ready._cache
