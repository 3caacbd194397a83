"""Requests that are a Celery canvas: a chain, a chord, or a single task with its own options."""

from collections.abc import Callable, Iterator
from typing import Any

from celery import chord
from celery.canvas import _chain

from harness.contenders.celery.client import CeleryClient
from harness.contenders.contender import Assignment, Outcome, Request
from harness.contenders.sides.declaration import ignoring
from workloads.side import CelerySide

Canvas = Callable[..., Any]


class CanvasClient(CeleryClient):
    """Applies the side's canvas; its last task replies, and has the request's id.

    The other tasks' ids begin with the request's, so that what they leave in the backend is removed with it.
    """

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment, canvas: Canvas) -> None:
        super().__init__(app, side, assignment)
        self._canvas = ignoring(canvas, side.ignores)
        self._others: dict[int, list[str]] = {}

    async def submit(self, request: Request) -> Outcome:
        """Apply the canvas, wait for its last task."""
        try:
            return await super().submit(request)
        finally:
            others = self._others.pop(request.id, [])
            self._let_go(others)
            if not self._one_queue:  # publishing has subscribed to the results of all
                for task_id in others:
                    self._backend.result_consumer.cancel_for(task_id)

    def _publish(self, request: Request, **_options: Any) -> Any:
        canvas = self._canvas(**request.payload)
        task_id = f"{self._trial}.{request.id}"
        *others, last = tasks_of(canvas)
        for number, task in enumerate(others):
            task.set(queue=self._queue, task_id=f"{task_id}-{number}")
        last.set(queue=self._queue, task_id=task_id)
        if others:
            self._others[request.id] = [task.options["task_id"] for task in others]
        return canvas.apply_async(task_id=task_id)


def tasks_of(canvas: Any) -> Iterator[Any]:
    """The signatures of a canvas's tasks; the one that replies is the last."""
    if isinstance(canvas, _chain):
        for part in canvas.tasks:
            yield from tasks_of(part)
    elif isinstance(canvas, chord):
        for part in canvas.tasks:
            yield from tasks_of(part)
        yield from tasks_of(canvas.body)
    else:
        yield canvas
