"""Processes that the work itself starts: each ends with the driver, however that ended."""

import multiprocessing
import os
import threading
from multiprocessing.context import ForkProcess, ForkServerProcess, SpawnProcess
from multiprocessing.process import BaseProcess, parent_process
from typing import Any

import psutil


def end_with_driver() -> None:
    """Have the processes of `multiprocessing`, and so those of a ProcessPoolExecutor, end with this one.

    A pool's process waits for work for ever where the process that made the pool was killed.
    """
    kinds = {"fork": Forked, "spawn": Spawned, "forkserver": OfForkServer}
    for method in multiprocessing.get_all_start_methods():
        context: Any = multiprocessing.get_context(method)
        context.Process = kinds[method]


def all_work() -> bool:
    """Whether the processes that this one started with `multiprocessing` have begun their work.

    Each starts a thread of ours when it does; until then it boots and imports in its first one.
    """
    return all(_threads(process.pid) != 1 for process in multiprocessing.active_children())


def _threads(pid: int | None) -> int:
    """Threads of a process; 0 where it has ended."""
    try:
        return int(psutil.Process(pid).num_threads())
    except psutil.Error:
        return 0


def _end_with_parent() -> None:
    def wait() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class _Ending(BaseProcess):
    def run(self) -> None:
        """Watch the parent, then do the work."""
        _end_with_parent()
        super().run()


class Forked(_Ending, ForkProcess):
    """With the start method `fork`."""


class Spawned(_Ending, SpawnProcess):
    """With the start method `spawn`."""


class OfForkServer(_Ending, ForkServerProcess):
    """With the start method `forkserver`."""
