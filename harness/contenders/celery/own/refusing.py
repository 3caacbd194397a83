"""What a run refuses of an application of the user's own, with the reason; and what it says of its task."""

import inspect
from collections.abc import Iterator
from typing import Any

from celery import Task
from celery.app.defaults import DEFAULTS

from harness.contenders.celery.own.finding import OwnTask
from harness.errors import UsageError
from harness.jobs.importing import place_of
from harness.jobs.spec import Place

PICKLE = frozenset({"pickle", "application/x-python-serialize"})
SERIALIZERS = ("task_serializer", "result_serializer", "event_serializer")
ACCEPTED = ("accept_content", "result_accept_content")
OPTIONS = (
    "acks_late",
    "acks_on_failure_or_timeout",
    "reject_on_worker_lost",
    "autoretry_for",
    "max_retries",
    "default_retry_delay",
    "retry_backoff",
    "retry_jitter",
    "time_limit",
    "soft_time_limit",
    "rate_limit",
    "serializer",
    "compression",
    "priority",
    "expires",
    "track_started",
)
"""Of a task as registered: what decides how it is executed."""


def check(own: OwnTask) -> None:
    """Raise UsageError if the run cannot, or must not, execute this task of this application."""
    task, conf = own.side.task, own.app.conf
    place = task_place(task)
    for where in _pickle(task, conf):
        raise UsageError(
            f"{where} has pickle: a message could then run any code, so the workbench neither sends nor accepts it. "
            "Use JSON or msgpack."
        )
    if conf.task_always_eager:
        raise UsageError("task_always_eager is set: the task would run in the caller, and no worker would be measured.")
    if inspect.iscoroutinefunction(inspect.unwrap(task.run)):
        raise UsageError(
            f"{place.file}, line {place.line}: {task.name} is an async def. Celery's workers do not run coroutines: "
            "they would reply with the coroutine object. The task must be a plain def."
        )
    if task.ignore_result:
        raise UsageError(
            f"{place.file}, line {place.line}: {task.name} ignores its result, so nothing would say when it has ended, "
            "nor whether it did the same as the coroutine. Set ignore_result=False (or task_ignore_result of the "
            "application), and return something."
        )


def _pickle(task: Any, conf: Any) -> Iterator[str]:
    """Each place that allows it."""
    if str(task.serializer) in PICKLE:
        yield f"the task {task.name} (serializer)"
    yield from (name for name in SERIALIZERS if str(conf[name]) in PICKLE)
    yield from (name for name in ACCEPTED if PICKLE.intersection(map(str, conf[name] or ())))


def task_place(task: Any) -> Place:
    """Where the task's function is."""
    return place_of(task.run, f"{task.__module__}:{task.run.__qualname__}")


def options_of(task: Any) -> dict[str, Any]:
    """The options of the task that it has not from Celery's defaults."""
    values = {name: getattr(task, name, None) for name in OPTIONS}
    usual = {name: [getattr(Task, name, None), DEFAULTS.get(f"task_{name}")] for name in OPTIONS}
    return {name: _plain(value) for name, value in values.items() if value not in usual[name] and value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}".removeprefix("builtins.")
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (bool, int, float, str)) else repr(value)
