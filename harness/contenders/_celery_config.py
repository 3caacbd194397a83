"""Points the Celery application at a run's broker: the one place where a URL and a key prefix are set."""

from importlib.metadata import version
from typing import Any

from celery import Celery

from celery_side.app import app, task_modules

REPORTED = {
    "prefetch_multiplier": "worker_prefetch_multiplier",
    "acks_late": "task_acks_late",
    "ignore_result": "task_ignore_result",
    "track_started": "task_track_started",
    "task_events": "worker_send_task_events",
    "serializer": "task_serializer",
    "accept_content": "accept_content",
    "result_backend_thread_safe": "result_backend_thread_safe",
}
"""Settings that decide what a task costs: name in the results document → Celery's own."""


def configure(broker_url: str, key_prefix: str, queue: str) -> Celery:
    """The application, set to this run's broker, with every key of its own under `key_prefix`."""
    app.conf.update(
        broker_url=broker_url,
        result_backend=broker_url,
        broker_transport_options={"global_keyprefix": key_prefix},
        result_backend_transport_options={"global_keyprefix": key_prefix},
        task_default_queue=queue,
    )
    return app


def reported_settings(of: Celery) -> dict[str, Any]:
    """Those settings as an application has them, the driver's (asked) or a worker's (effective)."""
    return {name: _plain(of.conf[key]) for name, key in REPORTED.items()}


def identity() -> dict[str, Any]:
    """What a worker must have in common with the harness that uses it: versions, settings, tasks."""
    return {**reported_settings(app), **runs()}


def runs() -> dict[str, Any]:
    """The versions and the tasks of this installation."""
    names = ("celery", "kombu", "redis", "celery-or-asyncio-workbench")
    return {**{name: version(name) for name in names}, "tasks": [name.rpartition(".")[2] for name in task_modules()]}


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, (list, tuple, set, frozenset)) else value
