"""Where so many times 2 ms can be planted; processes of the run read from a file which of the places it is now."""

import functools
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
SLEPT = struct.Struct("qqd")
"""A place, by its order in `LAYER_OF`, how many times 2 ms, and how long it was."""
QUEUE_MODULE = "harness.contenders.bare_queue.worker"


def plant(name: str, times: int = 1) -> None:
    """From now on that one alone, so many times `PLANTED_S`."""
    Path(os.environ[VARIABLE]).write_text(f"{times} {name}", "utf-8")


def strike(name: str) -> None:
    """Sleep if that one is planted. It blocks, because an event loop rounds its timers to a millisecond."""
    times, _, planted = Path(os.environ[VARIABLE]).read_text("utf-8").partition(" ")
    if planted == name:
        sleep(name, int(times))


def sleep(name: str, times: int) -> None:
    """Sleep or spin, and note how long that was: a machine that idles wakes late, by as much as a millisecond."""
    begin = time.perf_counter()
    if os.environ.get(HOW) == "spin":
        while time.perf_counter() - begin < times * PLANTED_S:
            pass
    else:
        time.sleep(times * PLANTED_S)
    os.write(noted(), SLEPT.pack(list(LAYER_OF).index(name), times, time.perf_counter() - begin))


def slept_s() -> dict[tuple[str, int], float]:
    """By place and times, the mean of the sleeps until now; those without any are missing."""
    whole = _notes().read_bytes()
    found: dict[tuple[str, int], list[float]] = {}
    for place, times, slept in SLEPT.iter_unpack(whole):
        found.setdefault((list(LAYER_OF)[place], times), []).append(slept)
    return {key: statistics.fmean(each) for key, each in found.items()}


@functools.cache
def noted() -> int:
    """Where sleeps are noted, open for as long as the process lives: to open it each time would delay the request."""
    return os.open(_notes(), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _notes() -> Path:
    return Path(f"{os.environ[VARIABLE]}-slept")


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
