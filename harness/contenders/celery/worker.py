"""What a worker process of the workbench runs: the Celery side's application, watched from outside.

`harness.contenders.celery.launcher` starts it. Adds stamps to results, counts executions, answers the
harness's questions over Celery's remote control, and ends with the process that started it.
"""

import base64
import os
import platform
import sys
import zlib
from array import array
from time import monotonic_ns
from typing import Any

import celery
import msgspec
from celery import signals
from celery.concurrency import ALIASES  # type: ignore[attr-defined]  # missing in the stubs
from celery.worker import state as worker_state
from celery.worker.control import inspect_command

from harness.contenders.celery.backend import START_ATTRIBUTE, backends
from harness.contenders.celery.commands import keep_only
from harness.contenders.celery.config import (
    configure,
    from_environment,
    imported_tasks,
    reported_settings,
    runs,
    scheme,
    settings_of,
)
from harness.contenders.celery.executions import Executions
from harness.contenders.celery.noting import note_executions
from harness.contenders.celery.own import is_own
from harness.contenders.celery.own.replacing import configured, routes_of
from harness.contenders.celery.own.reporting import effective, identity
from harness.contenders.celery.own_workers import in_json
from harness.contenders.celery.pool_processes import Ended
from harness.contenders.settings.celery_changes import chunk_settings
from harness.machine.continued import Continued
from harness.machine.cores import cores, cpu_model
from harness.machine.guard import die_with_parent
from harness.machine.usage import as_json, boot_id, read_tree
from harness.recording.ledger import from_environment as from_environment_of_ledger

executions, continued, ended = Executions(), Continued(), Ended()
place, queue, tuning, tasks = from_environment()
own = configured(tasks[0], place, queue, tuning, worker=True) if is_own(tasks) else None
"""The task and the application of a job of the user's own, if this is a worker of one."""
job = None if own is None else identity(own, tasks[0])
app: Any = configure(place, queue, tuning, tasks, worker=True) if own is None else own.app
app.loader.override_backends = backends()
in_json(app.control)
routes = routes_of(app)
"""Those that the application has of its own, without where to."""


def pool_name(pool: Any) -> str:
    """As it is written after `--pool`."""
    module = type(pool).__module__
    names = [name for name, place in ALIASES.items() if place and place.partition(":")[0] == module]
    return names[0] if names else module


@signals.worker_process_init.connect(weak=False)
def _end_with_worker(**_kwargs: Any) -> None:
    """A pool process must not outlive a worker that was killed."""
    die_with_parent(os.getppid())


def _stamp_start(task_id: str, task: Any) -> None:
    """Celery calls its loader right before it executes a task; a signal costs five times as much.

    A task tried again is no duplicate; nor is the last of those by which a task has replaced itself, which has its id.
    """
    request = task.request
    if not request.retries and not request.replaced_task_nesting:
        executions.add(task_id, request.root_id)
    setattr(request, START_ATTRIBUTE, monotonic_ns())


app.loader.on_task_init = _stamp_start
if (ledger := from_environment_of_ledger()) is not None:
    note_executions(app, ledger)


def stay_on_the_queue(
    name: str, args: Any, kwargs: Any, options: dict[str, Any], task: Any = None, **_others: Any
) -> dict[str, Any] | None:
    """Route what a task publishes to the queue that it came from itself: a worker may take those of several runs."""
    publishing: Any = app.current_worker_task
    if publishing is None:
        return None
    said = routes(name, args, kwargs, options, task) or {}
    return {**said, "queue": publishing.request.delivery_info["routing_key"]}


app.conf.task_routes = (stay_on_the_queue,)


@inspect_command()
def workbench_reading(state: Any, memory: bool = False) -> dict[str, Any]:
    """CPU, memory and executions of this worker's whole process tree."""
    ended.watch(state.consumer.pool)
    reading = read_tree(memory=memory, count=executions.total())
    return as_json(msgspec.structs.replace(reading, continued=continued.times))


@inspect_command()
def workbench_executed(state: Any, trial: int = 0) -> dict[str, Any]:
    """What was executed since this was last asked (see `answers.Executions`)."""
    numbers, of_others, of_nobody = executions.take(trial)
    packed = base64.b64encode(zlib.compress(array("q", numbers).tobytes(), 1)).decode()
    held = len(worker_state.reserved_requests)
    return {
        "numbers": packed,
        "of_others": of_others,
        "of_nobody": of_nobody,
        "held": held,
        "processes_ended": ended.take(),
    }


@inspect_command()
def workbench_describe(state: Any) -> dict[str, Any]:
    """Who this worker is, and the settings that it runs with."""
    ended.watch(state.consumer.pool)
    return {
        "host": platform.node(),
        "cpus": cores(),
        "cpu_model": cpu_model(),
        "boot_id": boot_id(),
        "runs": runs(),
        "job": job,
        "backend": scheme(state.app.conf.result_backend),
        "effective": {
            "pool": pool_name(state.consumer.pool),
            "slots": state.consumer.pool.limit,
            **reported_settings(state.app),
            **({"tasks": imported_tasks()} if own is None else effective(own, tasks[0])),
            **chunk_settings(settings_of(tuning)),
            "python": platform.python_version(),
            "celery": celery.__version__,
            "debug": sys.flags.dev_mode,
        },
    }


keep_only(
    *("ping", "add_consumer", "cancel_consumer", "active_queues", "rate_limit", "revoke"),
    *("workbench_reading", "workbench_executed", "workbench_describe"),
)
