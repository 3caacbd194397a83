"""What the tasks of a worker process share: opened by the first task that needs it, closed when the process ends.

Opened at first use, because one worker runs many kinds of tasks, and a process must not pay for connections that its
tasks do not need; under a lock, because the threads and greenlets of a pool begin their first tasks at once. A start-up
signal would not serve all pools: `worker_process_init` is sent by prefork (in each child) and solo alone; threads and
gevent have only `worker_init`, which prefork sends in the parent, whose connections its children must not use.

Closed by `worker_process_shutdown` in a child of prefork, by `worker_shutdown` in the process of every other pool.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from celery import signals

T = TypeVar("T")


class _Slots:
    """How many tasks this process executes at once; 1 outside a worker."""

    def __init__(self) -> None:
        self._worker: Any = None
        signals.worker_init.connect(self._of_worker, weak=False)
        signals.worker_process_init.connect(self._of_one_task, weak=False)

    def _of_worker(self, sender: Any, **_: Any) -> None:
        self._worker = sender

    def _of_one_task(self, **_: Any) -> None:
        """A child of prefork, or solo."""
        self._worker = None

    def __call__(self) -> int:
        """Asked for when the first task runs: Celery settles the number only after `worker_init`."""
        return 1 if self._worker is None else int(self._worker.concurrency)


slots = _Slots()


class Shared(Generic[T]):
    """One object for all tasks of a process."""

    def __init__(self, make: Callable[[], T], close: Callable[[T], object]) -> None:
        self._make = make
        self._close_it = close
        self._forget()
        signals.worker_process_init.connect(self._forget, weak=False)
        signals.worker_process_shutdown.connect(self._close, weak=False)
        signals.worker_shutdown.connect(self._close, weak=False)

    def get(self) -> T:
        """The object; the first caller makes it, others wait. Where `make` raised, the next caller tries again."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def _forget(self, **_: Any) -> None:
        """In a new process: what its parent has opened is its parent's."""
        self._lock = threading.Lock()
        self._made: list[T] = []

    def _close(self, **_: Any) -> None:
        with self._lock:
            while self._made:
                self._close_it(self._made.pop())
