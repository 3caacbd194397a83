"""A time scale: settings that are times pass so many times as fast as they are written. Pure.

A setting of a contender, so that whoever has its name applies it. A plan with a time scale gives it to all of its
contenders (`harness.plan.time_scale`); nobody else can. So reports leave it out of names, and say it once a table.
"""

from collections.abc import Iterable
from typing import Any

from harness.results.model import TIME_SCALE

NAME = TIME_SCALE
LEAST, MOST = 2, 1000
CONF = frozenset({"task_time_limit", "task_soft_time_limit", "worker_soft_shutdown_timeout"})
"""Settings of Celery that are times."""
OF_TASKS, ANNOTATED = "task_annotations", frozenset({"expires", "time_limit", "soft_time_limit", "default_retry_delay"})
"""The same of single tasks."""
OF_REDIS = "broker_transport_options"
TRANSPORT = {"visibility_timeout": 3600, "unacked_restore_interval": 10}
"""Options of kombu's Redis transport that are times, with what holds where they are not set."""


def setting_of(scale: int) -> str:
    """Its name."""
    return f"{NAME}-{scale}"


def scale_of(settings: Iterable[str]) -> int:
    """By the names of a contender's settings; 1 where times pass as they are."""
    scales = (name.removeprefix(f"{NAME}-") for name in settings if name.startswith(f"{NAME}-"))
    return next((int(text) for text in scales if text.isdecimal()), 1)


def scaled(conf: dict[str, Any], scale: int) -> dict[str, Any]:
    """Changes of Celery's settings with their times so much shorter, the transport's defaults included."""
    if scale == 1:
        return conf
    found = {key: value / scale if key in CONF else value for key, value in conf.items()}
    transport = TRANSPORT | conf.get(OF_REDIS, {})
    found[OF_REDIS] = {key: value / scale if key in TRANSPORT else value for key, value in transport.items()}
    if OF_TASKS in conf:
        found[OF_TASKS] = {name: _of_task(changes, scale) for name, changes in conf[OF_TASKS].items()}
    return found


def _of_task(changes: dict[str, Any], scale: int) -> dict[str, Any]:
    return {key: value / scale if key in ANNOTATED else value for key, value in changes.items()}
