"""Removes results from Redis, which would keep them for an hour: while a trial goes on, apart from its requests."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import Any

from redis import RedisError

from harness.machine.threads import in_thread, within

EVERY_S = 1.0
LATE_S = 30.0
"""After so long, the result of a task that nobody waits for any more has been stored too."""
END_S = 1.0
AT_ONCE = 1000
log = logging.getLogger(__name__)


class Removal:
    """Of one client: in bulk, in a thread, once a second where there are any."""

    def __init__(self, backend: Any) -> None:
        """`backend`: Celery's, a Redis."""
        self._backend = backend
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[str] = deque()
        self._late: deque[tuple[float, str]] = deque()
        """With the moment at which each is due."""
        self._next: asyncio.TimerHandle | None = None
        self._removing: asyncio.Task[None] | None = None

    def received(self, task_ids: Iterable[str]) -> None:
        """Their results have been read."""
        self._waiting.extend(task_ids)
        self._begin_later()

    def abandoned(self, task_ids: Iterable[str]) -> None:
        """Nobody waits for their results, which may still be stored."""
        due = monotonic() + LATE_S
        self._late.extend((due, task_id) for task_id in task_ids)
        self._begin_later()

    def _begin_later(self) -> None:
        if self._next is None:
            self._next = self._loop.call_later(EVERY_S, self._begin)

    def _begin(self) -> None:
        self._removing = self._loop.create_task(self._remove_due())

    async def _remove_due(self) -> None:
        """What is due now; the rest in a second."""
        while self._late and self._late[0][0] <= monotonic():
            self._waiting.append(self._late.popleft()[1])
        ids, self._waiting = self._waiting, deque()
        await in_thread(self._remove, list(ids))
        self._next = None
        if self._waiting or self._late:
            self._begin_later()

    def end(self) -> None:
        """Remove all that is left, also what may be stored later; blocks, for `END_S` seconds at the most."""
        for task in (self._next, self._removing):
            if task is not None:
                task.cancel()
        self._waiting.extend(task_id for _, task_id in self._late)
        self._late.clear()
        with contextlib.suppress(TimeoutError):  # the broker does not answer: they are left to expire
            within(END_S, self._remove, list(self._waiting))
        self._waiting.clear()

    def _remove(self, ids: list[str]) -> None:
        keys = [self._backend.get_key_for_task(task_id) for task_id in ids]
        try:
            for begin in range(0, len(keys), AT_ONCE):
                self._backend.client.unlink(*keys[begin : begin + AT_ONCE])
        except (RedisError, OSError) as error:
            log.warning("%d results are left to expire: %s", len(ids), error)
