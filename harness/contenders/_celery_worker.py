"""What a worker process of the workbench runs: the Celery side's application, watched from outside.

`celery -A harness.contenders._celery_worker worker …`. Adds stamps to results, counts executions, answers the
harness's questions over Celery's remote control, and ends with the process that started it.
"""

import mmap
import os
import platform
import sys
import threading
from time import monotonic_ns
from typing import Any

import celery
from billiard.process import current_process
from celery import signals
from celery.worker.control import inspect_command

from harness.contenders._celery_backend import START_ATTRIBUTE
from harness.contenders._celery_config import configure
from harness.guard import die_with_parent
from harness.usage import as_json, boot_id, read_tree

BROKER = "WORKBENCH_BROKER_URL"
PREFIX = "WORKBENCH_KEY_PREFIX"
QUEUE = "WORKBENCH_QUEUE"
PROCESSES_MOST = 4096


class Executions:
    """Tasks started, counted in memory that the pool's processes share; each adds to a number of its own."""

    def __init__(self) -> None:
        self._view = memoryview(mmap.mmap(-1, PROCESSES_MOST * 8)).cast("q")
        self._lock = threading.Lock()

    def add(self) -> None:
        """Count one: by the process's index in its pool, under a lock for pools of threads."""
        with self._lock:
            self._view[getattr(current_process(), "index", 0) or 0] += 1

    def total(self) -> int:
        """All that the pool has started."""
        return sum(self._view)


executions = Executions()
app = configure(os.environ[BROKER], os.environ[PREFIX], os.environ[QUEUE])
app.loader.override_backends = dict.fromkeys(
    ("redis", "rediss", "socket"), "harness.contenders._celery_backend:StampedRedisBackend"
)


@signals.worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
def _end_with_worker(**_kwargs: Any) -> None:
    """A pool process must not outlive a worker that was killed."""
    die_with_parent(os.getppid())


@signals.task_prerun.connect(weak=False)  # type: ignore[untyped-decorator]
def _stamp_start(task: Any, **_kwargs: Any) -> None:
    setattr(task.request, START_ATTRIBUTE, monotonic_ns())
    executions.add()


@inspect_command()  # type: ignore[untyped-decorator]
def workbench_reading(state: Any, memory: bool = False) -> dict[str, Any]:
    """CPU, memory and executions of this worker's whole process tree."""
    return as_json(read_tree(memory="pss" if memory else None, count=executions.total()))


@inspect_command()  # type: ignore[untyped-decorator]
def workbench_describe(state: Any) -> dict[str, Any]:
    """Who this worker is, and the settings that it runs with."""
    conf = state.app.conf
    return {
        "host": platform.node(),
        "cpus": os.cpu_count(),
        "boot_id": boot_id(),
        "pid": os.getpid(),
        "effective": {
            "pool": type(state.consumer.pool).__module__.rpartition(".")[2],
            "slots": state.consumer.pool.limit,
            "prefetch_multiplier": conf.worker_prefetch_multiplier,
            "acks_late": conf.task_acks_late,
            "ignore_result": conf.task_ignore_result,
            "track_started": conf.task_track_started,
            "task_events": conf.worker_send_task_events,
            "serializer": conf.task_serializer,
            "accept_content": list(conf.accept_content),
            "result_backend_thread_safe": conf.result_backend_thread_safe,
            "python": platform.python_version(),
            "celery": celery.__version__,
            "debug": bool(sys.flags.dev_mode),
        },
    }
