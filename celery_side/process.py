"""Objects that the tasks of a worker process share: opened by the first task that needs it, closed with the process.

They are opened at first use, because one worker runs many kinds of tasks, and a process should not hold connections
that its tasks do not need; under a lock, because the threads and greenlets of a pool start their first tasks
simultaneously. No start-up signal works for all pools: only prefork (in each child) and solo send
`worker_process_init`; threads and gevent send only `worker_init`, which prefork sends in the parent, whose connections
its children must not use.

They are closed by `worker_process_shutdown` in a prefork child, and by `worker_shutdown` with every other pool.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from celery import signals

T = TypeVar("T")


class _Slots:
    """The number of tasks that this process executes at once; 1 outside a worker."""

    def __init__(self) -> None:
        self._worker: Any = None
        signals.worker_init.connect(self._of_worker, weak=False)
        signals.worker_process_init.connect(self._of_one_task, weak=False)

    def _of_worker(self, sender: Any, **_: Any) -> None:
        self._worker = sender

    def _of_one_task(self, **_: Any) -> None:
        """Called in a prefork child, or in a solo worker."""
        self._worker = None

    def __call__(self) -> int:
        """Call it when the first task runs: Celery determines the number only after `worker_init`."""
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
        """The object; the first caller creates it, others wait. If `make` raises, the next caller tries again."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def _forget(self, **_: Any) -> None:
        """In a new process: forget the parent's object, which belongs to the parent."""
        self._lock = threading.Lock()
        self._made: list[T] = []

    def _close(self, **_: Any) -> None:
        with self._lock:
            while self._made:
                self._close_it(self._made.pop())
