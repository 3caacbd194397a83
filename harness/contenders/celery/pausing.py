"""What every Celery client has: the application, the task, the trial's queue, and workers that can be paused."""

import asyncio
from typing import Any

from harness.contenders.celery.config import settings_of
from harness.contenders.celery.lanes import queues_of
from harness.contenders.celery.own_workers import OwnWorkers
from harness.contenders.celery.pause import PAUSE_LIMIT_S, pause, resume
from harness.contenders.contender import Assignment
from harness.contenders.sides.declaration import ignoring
from harness.services.brokers.broker import peer_of
from harness.services.calls import ask
from harness.services.causes import Peer
from workloads.side import CelerySide
from workloads.workload import Payload

LIMIT_S = 3 * PAUSE_LIMIT_S
"""Of what is asked of the workers one after the other."""


class PausingClient:
    """The part of a client that neither publishes requests nor takes results."""

    def __init__(self, app: Any, side: CelerySide, assignment: Assignment) -> None:
        self._app = app
        self._side = side
        self._task = side.task
        self._arguments = ignoring(dict, side.ignores)
        """The arguments of a payload that the side takes."""
        self._queue = assignment.queue
        settings = settings_of(assignment.tuning)
        self._queues = queues_of(assignment.queue, max((setting.queues for setting in settings), default=1))
        self._trial = assignment.trial
        self._workers = assignment.workers
        self._assignment = assignment
        self._loop = asyncio.get_running_loop()

    def _queue_of(self, payload: Payload) -> str:
        """Where a request waits: with others of its kind, where these have a queue of their own."""
        if len(self._queues) == 1 or self._side.lane is None:
            return self._queue
        return self._queues[min(self._side.lane(**payload), len(self._queues) - 1)]

    def start(self) -> None:
        """The side's commands reach the run's workers alone."""
        self._app.control = OwnWorkers(self._app, self._workers)

    async def pause(self) -> None:
        """Make the workers stop consuming from the queue."""
        await ask(self._peer(), pause, self._app, self._queue, self._workers, self._throw_away, limit_s=LIMIT_S)

    async def resume(self) -> None:
        """Make the workers consume from the queue again."""
        await ask(self._peer(), resume, self._app, self._queue, self._workers, limit_s=LIMIT_S)

    def _peer(self) -> Peer:
        return peer_of(self._assignment.required_broker.url)

    def _throw_away(self) -> None:
        """Publish a message whose result is not waited for, with an id that no request has."""
        self._app.send_task(self._task.name, queue=self._queue, task_id="throw-away", ignore_result=True)
