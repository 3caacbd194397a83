"""Where 2 ms can be planted; processes of the run read from a file which of the places it is now."""

import os
import statistics
import struct
import sys
import time
from pathlib import Path

PLANTED_S = 0.002
VARIABLE = "WORKBENCH_PLANTED"
"""In the environment of the run's processes: the file."""
HOW = "WORKBENCH_PLANTED_HOW"
"""There too: `sleep` (else) or `spin`."""
NOTHING, QUEUE_WORKER, SIGNAL, BROKER, STYLE = (
    *("nothing", "queue-bare's worker", "a Celery signal"),
    *("the broker's path", "the style of the body"),
)
LAYER_OF = {QUEUE_WORKER: 1, BROKER: 1, SIGNAL: 2, STYLE: 3}
"""Plant → the layer, by its place, that must grow."""
SLEPT = struct.Struct("d")
QUEUE_MODULE = "harness.contenders.bare_queue.worker"


def plant(name: str) -> None:
    """From now on that one alone."""
    Path(os.environ[VARIABLE]).write_text(name, "utf-8")


def is_planted(name: str) -> bool:
    """Whether it is that one now."""
    return Path(os.environ[VARIABLE]).read_text("utf-8") == name


def strike(name: str) -> None:
    """Sleep if that one is planted. It blocks, because an event loop rounds its timers to a millisecond."""
    if is_planted(name):
        sleep()


def sleep() -> None:
    """Sleep or spin, and note how long that was: a machine that idles wakes late, by as much as a millisecond."""
    begin = time.perf_counter()
    if os.environ.get(HOW) == "spin":
        while time.perf_counter() - begin < PLANTED_S:
            pass
    else:
        time.sleep(PLANTED_S)
    slept = SLEPT.pack(time.perf_counter() - begin)
    with _slept_file().open("ab", buffering=0) as file:  # appended whole, by whichever process
        file.write(slept)


def slept_s() -> float | None:
    """The mean of the sleeps since this was last asked; None where there were none."""
    try:
        noted = _slept_file().read_bytes()
    except FileNotFoundError:
        return None
    _slept_file().unlink()
    return statistics.fmean(row for (row,) in SLEPT.iter_unpack(noted))


def _slept_file() -> Path:
    return Path(os.environ[VARIABLE] + "-slept")


def in_queue_worker() -> bool:
    """Whether this process is the worker of queue-bare."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec is not None and spec.name == QUEUE_MODULE


def strike_before_tasks() -> None:
    """In a Celery worker, before each task: by a signal, once a process."""
    from celery import signals

    signals.task_prerun.connect(_before_task, dispatch_uid="workbench-planted", weak=False)


def _before_task(**_: object) -> None:
    strike(SIGNAL)
