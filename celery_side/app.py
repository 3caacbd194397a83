"""The Celery application and its settings, each with its reason.

It can be used without the harness: `celery -A celery_side.app worker` consumes from `CELERY_BROKER_URL`.
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
    # One result connection per process instead of one per thread: with gevent, Celery would otherwise open
    # a new connection for every task (docs/tuning.md has what that costs).
    "result_backend_thread_safe": True,
    # Results that a killed run leaves behind expire; a result takes about 505 bytes in Redis.
    "result_expires": 3600,
    # A worker that cannot reach its broker when it starts exits with an error, instead of retrying forever.
    "broker_connection_retry_on_startup": False,
    # These are Celery's defaults, set explicitly because the figures depend on them: acknowledged before
    # execution, four messages per slot prefetched, no STARTED state, no task events.
    "task_acks_late": False,
    "worker_prefetch_multiplier": 4,
    "task_track_started": False,
    "worker_send_task_events": False,
    "task_send_sent_event": False,
    # The output of tasks is not redirected to the log.
    "worker_redirect_stdouts": False,
    # Times in UTC, so that messages do not depend on the machine's time zone.
    "enable_utc": True,
}


def task_modules() -> list[str]:
    """Dotted names of all task modules, sorted; the file name is the task's name."""
    package = celery_side.tasks
    return sorted(f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__))


BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
RESULT_BACKEND = os.environ.get("CELERY_RESULT_BACKEND", BROKER_URL)

app = Celery("workbench", broker=BROKER_URL, backend=RESULT_BACKEND, include=task_modules(), fixups=[])
"""No fixups: with DJANGO_SETTINGS_MODULE set, Django's would put the current directory first on the path."""
app.conf.update(SETTINGS)
