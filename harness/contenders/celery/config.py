"""Points the Celery application at a run's broker: the one place where URLs and a key prefix are set."""

import json
import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any, cast

from celery import Celery
from redis.utils import HIREDIS_AVAILABLE

from celery_side.app import app, task_modules
from harness.contenders.celery.fleet.fingerprint import fingerprint
from harness.contenders.celery.queues import know_run_queue
from harness.contenders.settings.celery_changes import conf_of
from harness.contenders.settings.celery_setting import CelerySetting
from harness.contenders.settings.setting import resolve
from harness.contenders.sides.declaration import task_module
from harness.jobs.network import allow
from harness.machine.processes import is_celerys
from harness.services.brokers.broker import RPC, BrokerPlace, as_text, kind_of, place_of
from harness.services.rabbit_client import tls_of
from harness.services.redis_url import for_library, transport_options

VARIABLE = "WORKBENCH_WORKER_"
RESULTS_S = 600
"""Results are removed as they are read; those of a killed run expire, on a broker that others use too."""

REPORTED = {
    "prefetch_multiplier": "worker_prefetch_multiplier",
    "acks_late": "task_acks_late",
    "ignore_result": "task_ignore_result",
    "track_started": "task_track_started",
    "task_events": "worker_send_task_events",
    "serializer": "task_serializer",
    "compression": "task_compression",
    "accept_content": "accept_content",
    "result_backend_thread_safe": "result_backend_thread_safe",
}
"""Settings that decide what a task costs: name in the results document → Celery's own."""


BROKERS = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "CELERY_RESULT_BACKEND")


def forget_environment() -> None:
    """Remove environment variables that Celery prefers to an application's settings: a run uses its own broker."""
    for variable in filter(is_celerys, list(os.environ)):
        del os.environ[variable]


def forget_brokers(environment: MutableMapping[str, str]) -> None:
    """Remove the variables alone that Celery prefers to an application's broker and backend: others may be its own."""
    for variable in BROKERS:
        environment.pop(variable, None)


def configure(
    place: BrokerPlace, queue: str, tuning: Sequence[str] = (), tasks: Sequence[str] = (), *, worker: bool = False
) -> Celery:
    """The application, set to this run's broker and result backend, with these settings changed.

    `tasks`: workloads whose tasks a worker imports, as an application has its own alone; empty stands for all.
    """
    forget_environment()
    may_reach(place)
    if tasks:
        app.conf.include = [task_module(name) for name in tasks]
    app.conf.update(connections(place), task_default_queue=queue)
    if tuning:
        change(app, conf_of(settings_of(tuning), worker=worker, queue=queue))
    know_run_queue(app, queue, place)
    return app


def may_reach(place: BrokerPlace) -> None:
    """The run's broker and backend may be elsewhere, where a job of the user's own may not connect."""
    for url in (place.url, place.backend):
        allow(url.host)


def settings_of(tuning: Sequence[str]) -> tuple[CelerySetting, ...]:
    """By their names."""
    return cast(tuple[CelerySetting, ...], resolve("celery", tuning, "the contender"))


def change(of: Celery, changes: dict[str, Any]) -> None:
    """Change an application, and the tasks that are bound already, where they had the application's value."""
    before = {key: of.conf.get(key) for key in changes}
    of.conf.update(
        {key: {**(before[key] or {}), **value} if isinstance(value, dict) else value for key, value in changes.items()}
    )
    for task in of.tasks.values():
        for attribute, key in task.from_config:
            if key in changes and getattr(task, attribute) == before[key]:
                setattr(task, attribute, of.conf[key])


def connections(place: BrokerPlace) -> dict[str, Any]:
    """The Celery settings for a broker, with the prefix for all keys."""
    prefixed = {"global_keyprefix": place.key_prefix}
    return {
        "broker_url": for_library(place.url),
        "broker_use_ssl": tls_of(place.url),
        "result_backend": for_library(place.backend),
        "broker_transport_options": prefixed | transport_options(place.url) if kind_of(place.url) == "redis" else {},
        "result_backend_transport_options": {} if place.backend == RPC else prefixed | transport_options(place.backend),
        "control_exchange": place.control,
        **({"result_expires": RESULTS_S} if place.key_prefix or place.backend == RPC else {}),
    }


def to_environment(
    place: BrokerPlace, queue: str, tuning: Sequence[str] = (), tasks: Sequence[str] = ()
) -> dict[str, str]:
    """Variables by which a worker process gets its place and settings: a process list would show passwords."""
    values = {**as_text(place), "queue": queue, "tuning": ",".join(tuning), "tasks": ",".join(tasks)}
    return {f"{VARIABLE}{name.upper()}": value for name, value in values.items()}


def from_environment() -> tuple[BrokerPlace, str, list[str], list[str]]:
    """Place, queue, names of settings and of workloads, from what `to_environment` gave."""
    fields = {name: os.environ[f"{VARIABLE}{name.upper()}"] for name in BrokerPlace._fields}
    tuning, tasks = (os.environ[f"{VARIABLE}{name}"] for name in ("TUNING", "TASKS"))
    queue = os.environ[f"{VARIABLE}QUEUE"]
    return place_of(fields), queue, [*filter(None, tuning.split(","))], [*filter(None, tasks.split(","))]


def imported_tasks() -> list[str]:
    """Workloads whose tasks this process has imported."""
    return sorted(name.rpartition(".")[2] for name in task_modules() if name in sys.modules)


def places_to_environment(places: Mapping[str, Sequence[BrokerPlace]], queue: str) -> dict[str, str]:
    """The same for a driver that waits for runs: kind of broker → its places, the first where it waits."""
    texts = {name: list(map(as_text, each)) for name, each in places.items()}
    return {f"{VARIABLE}PLACES": json.dumps(texts), f"{VARIABLE}QUEUE": queue}


def places_from_environment() -> tuple[dict[str, list[BrokerPlace]], str]:
    """Places by kind, and the queue, from what `places_to_environment` gave."""
    texts = json.loads(os.environ[f"{VARIABLE}PLACES"])
    return {name: list(map(place_of, each)) for name, each in texts.items()}, os.environ[f"{VARIABLE}QUEUE"]


def reported_settings(of: Celery, changes: dict[str, Any] | None = None, *, hiredis: bool = True) -> dict[str, Any]:
    """Those settings as an application has them, a worker's (effective) or the driver's, with changes (asked).

    `hiredis`: whether it may be used, where it is installed.
    """
    changed = changes or {}
    transport = of.conf.broker_transport_options | changed.get("broker_transport_options", {})
    return {
        **{name: _plain(changed.get(key, of.conf.get(key, False))) for name, key in REPORTED.items()},
        "ack_emulation": transport.get("ack_emulation", True),
        "hiredis": hiredis and HIREDIS_AVAILABLE,
    }


def tuned_settings(settings: dict[str, Any], changes: dict[str, Any], *, hiredis: bool) -> dict[str, Any]:
    """Reported settings of another application, with changes."""
    changed = {name: _plain(changes[key]) for name, key in REPORTED.items() if key in changes}
    transport = changes.get("broker_transport_options", {})
    emulation = transport.get("ack_emulation", settings["ack_emulation"])
    return settings | changed | {"ack_emulation": emulation, "hiredis": hiredis and HIREDIS_AVAILABLE}


def identity() -> dict[str, Any]:
    """What a worker must have in common with the harness that uses it: versions, settings, tasks."""
    return {**reported_settings(app), **runs()}


def runs() -> dict[str, Any]:
    """What this installation is, and the tasks that it has."""
    return {**fingerprint(), "tasks": [*_tasks()]}


@cache
def _tasks() -> tuple[str, ...]:
    """A run looks at each of its workers every few seconds: the folder is read once."""
    return tuple(name.rpartition(".")[2] for name in task_modules())


def scheme(url: str) -> str:
    """Kind of a result backend, by its URL: the same one may have several addresses."""
    return url.partition(":")[0]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, (list, tuple, set, frozenset)) else value
