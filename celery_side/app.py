"""The Celery application and its settings: every setting stands here once, with its reason.

Usable on its own: `celery -A celery_side.app worker` consumes from `CELERY_BROKER_URL`, Celery's own variable.
"""

import os
import pkgutil

from celery import Celery

import celery_side.tasks

SETTINGS = {
    # JSON only, on every path: a message must never be able to run code, as pickle can.
    "accept_content": ["json"],
    "result_accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
    "event_serializer": "json",
    # One result connection a process instead of one a thread: under gevent, Celery would otherwise open a
    # new connection for every task (measured here: 171 -> 492 tasks/s).
    "result_backend_thread_safe": True,
    # What a killed run leaves behind goes away by itself; a result is about 505 bytes in Redis.
    "result_expires": 3600,
    # A worker that cannot reach its broker at start says so and ends, instead of trying for ever.
    "broker_connection_retry_on_startup": False,
    # Stated although they are Celery's defaults, because results depend on them: acknowledged before
    # execution, four messages fetched ahead a slot, no STARTED state, no task events.
    "task_acks_late": False,
    "worker_prefetch_multiplier": 4,
    "task_track_started": False,
    "worker_send_task_events": False,
    "task_send_sent_event": False,
    # What the application prints is its own business.
    "worker_redirect_stdouts": False,
    # Times in UTC: no zone of the machine gets into a message.
    "enable_utc": True,
}


def task_modules() -> list[str]:
    """Dotted names of all task modules: the file name is the task's name."""
    package = celery_side.tasks
    return sorted(f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__))


BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
RESULT_BACKEND = os.environ.get("CELERY_RESULT_BACKEND", BROKER_URL)

app = Celery("workbench", broker=BROKER_URL, backend=RESULT_BACKEND, include=task_modules())
app.conf.update(SETTINGS)
