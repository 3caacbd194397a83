"""What a worker process of the workbench runs: the Celery side's application, watched from outside.

`celery -A harness.contenders._celery_worker worker …`. Adds stamps to results, counts executions, answers the
harness's questions over Celery's remote control, and ends with the process that started it.
"""

import base64
import fcntl
import os
import platform
import struct
import sys
import tempfile
import zlib
from array import array
from time import monotonic_ns
from typing import Any

import celery
from celery import signals
from celery.concurrency import ALIASES
from celery.worker.control import inspect_command

from harness.contenders._celery_backend import START_ATTRIBUTE
from harness.contenders._celery_config import configure, reported_settings
from harness.guard import die_with_parent
from harness.usage import as_json, boot_id, read_tree

BROKER = "WORKBENCH_BROKER_URL"
PREFIX = "WORKBENCH_KEY_PREFIX"
QUEUE = "WORKBENCH_QUEUE"


class Executions:
    """Requests that the whole pool has begun to execute, by id: a file that its processes append to.

    The kernel keeps short appended writes whole, so that no process or thread waits for another. The file has no
    name, so that nothing is left behind.
    """

    ROW = struct.Struct("qq")  # trial, number

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # open as long as the worker
        self._fd = self._file.fileno()
        fcntl.fcntl(self._fd, fcntl.F_SETFL, os.O_APPEND)
        self._taken = 0

    def add(self, task_id: str) -> None:
        """Note one, if its id is a driver's: `TRIAL.NUMBER`; tasks that tasks start have other ids."""
        trial, dot, number = task_id.partition(".")
        if dot:
            os.write(self._fd, self.ROW.pack(int(trial), int(number)))

    def total(self) -> int:
        """How many since the start."""
        return self._taken + os.fstat(self._fd).st_size // self.ROW.size

    def take(self, trial: int) -> list[int]:
        """The numbers of that trial's, and forget all."""
        rows = array("q", os.pread(self._fd, os.fstat(self._fd).st_size, 0))
        os.ftruncate(self._fd, 0)
        self._taken += len(rows) // 2
        return [number for of, number in zip(rows[::2], rows[1::2], strict=True) if of == trial]


executions = Executions()
app = configure(os.environ[BROKER], os.environ[PREFIX], os.environ[QUEUE])
app.loader.override_backends = dict.fromkeys(
    ("redis", "rediss", "socket"), "harness.contenders._celery_backend:StampedRedisBackend"
)


def pool_name(pool: Any) -> str:
    """As it is written after `--pool`."""
    module = type(pool).__module__
    names = [name for name, place in ALIASES.items() if place and place.partition(":")[0] == module]
    return names[0] if names else module


@signals.worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
def _end_with_worker(**_kwargs: Any) -> None:
    """A pool process must not outlive a worker that was killed."""
    die_with_parent(os.getppid())


@signals.task_prerun.connect(weak=False)  # type: ignore[untyped-decorator]
def _stamp_start(task_id: str, task: Any, **_kwargs: Any) -> None:
    executions.add(task_id)
    setattr(task.request, START_ATTRIBUTE, monotonic_ns())


@inspect_command()  # type: ignore[untyped-decorator]
def workbench_reading(state: Any, memory: bool = False) -> dict[str, Any]:
    """CPU, memory and executions of this worker's whole process tree."""
    return as_json(read_tree(memory="pss" if memory else None, count=executions.total()))


@inspect_command()  # type: ignore[untyped-decorator]
def workbench_executed(state: Any, trial: int = 0) -> str:
    """Numbers of the requests of that trial that were executed: 8 bytes each, compressed, base64."""
    return base64.b64encode(zlib.compress(array("q", executions.take(trial)).tobytes(), 1)).decode()


@inspect_command()  # type: ignore[untyped-decorator]
def workbench_describe(state: Any) -> dict[str, Any]:
    """Who this worker is, and the settings that it runs with."""
    return {
        "host": platform.node(),
        "cpus": os.cpu_count(),
        "boot_id": boot_id(),
        "pid": os.getpid(),
        "effective": {
            "pool": pool_name(state.consumer.pool),
            "slots": state.consumer.pool.limit,
            **reported_settings(state.app),
            "python": platform.python_version(),
            "celery": celery.__version__,
            "debug": sys.flags.dev_mode,
        },
    }
